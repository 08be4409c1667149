// SPDX-License-Identifier: BSD-3-Clause
// What the pages have in common: elements, tables, charts. finish() ends a page's script; when all is drawn,
// <html data-state="ready" data-charts="n">.
"use strict";

const railyardCharts = (() => {
  const SERIES_COLORS = 8;
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
  const CHART_HEIGHT = 300;
  const charts = new Set();

  // --- elements ---------------------------------------------------------------------------------------------------

  const byId = (id) => document.getElementById(id);

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function cssColor(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  const colorName = (setting) => `--s${setting % SERIES_COLORS}`;

  function swatch(setting) {
    return element("span", { class: "swatch", style: `background: var(${colorName(setting)})` });
  }

  function fillTable(id, heads, rows) {
    const table = byId(id);
    table.replaceChildren(
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells))));
  }

  const rowHead = (...children) => element("th", { scope: "row" }, ...children);

  function fillSelect(id, names, onChange) {
    const select = byId(id);
    names.forEach((name, i) => select.append(element("option", { value: String(i) }, name)));
    select.addEventListener("change", () => onChange(Number(select.value)));
  }

  // --- charts -----------------------------------------------------------------------------------------------------

  const TIME_UNITS = [[1e6, "s"], [1e3, "ms"], [1, "us"], [1e-3, "ns"]];  // in microseconds
  const RATE_UNITS = [[1e9, "Gb/s"], [1e6, "Mb/s"], [1e3, "kb/s"], [1, "b/s"]];
  const SIZE_UNITS = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]];

  function unitFor(units, largest) {
    return units.find(([scale]) => largest >= scale) ?? units[units.length - 1];
  }

  const largestOf = (values) => values.reduce((most, v) => Math.max(most, v ?? 0), 0);
  const scaled = (values, scale) => values?.map((v) => (v === null ? null : v / scale)) ?? [];
  const dashOf = (setting) => DASHES[(setting + Math.floor(setting / SERIES_COLORS)) % DASHES.length];
  const digits = (v) => (v === null || v === undefined ? "–" : String(Number(v.toPrecision(4))));

  function axis(label, size) {
    return {
      label,
      size,
      labelSize: 20,
      labelFont: "12px system-ui",
      font: "12px system-ui",
      stroke: () => cssColor("--muted"),
      grid: { stroke: () => cssColor("--rule"), width: 1 },
      ticks: { stroke: () => cssColor("--rule"), width: 1 },
    };
  }

  function series(names, extra) {
    return names.map((name, i) => ({
      label: name,
      stroke: () => cssColor(colorName(i)),
      width: 2,
      dash: dashOf(i),
      points: { show: false },
      value: (_, v) => digits(v),
      ...extra,
    }));
  }

  // uPlot's legend answers to the mouse only, and its colours would not follow the colour scheme.
  function finishLegend(plot) {
    plot.root.querySelectorAll(".u-legend .u-series:not(:first-child) th").forEach((head, setting) => {
      head.querySelector(".u-marker").style = `background: var(${colorName(setting)})`;
      head.tabIndex = 0;
      head.setAttribute("role", "button");
      head.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        head.click();
      });
    });
  }

  function draw(parent, caption, options, values) {
    const figure = element("figure", { class: "chart", role: "group", "aria-label": caption },
      element("figcaption", {}, caption));
    parent.append(figure);
    const plot = new uPlot({ width: figure.clientWidth, height: CHART_HEIGHT, ...options }, values, figure);
    finishLegend(plot);
    // In the next frame: a chart's new size changes the figure's height, which must not be observed in this one.
    const observer = new ResizeObserver(() => requestAnimationFrame(() => {
      if (figure.clientWidth !== plot.width) plot.setSize({ width: figure.clientWidth, height: CHART_HEIGHT });
    }));
    observer.observe(figure);
    charts.add(plot);
    return plot;
  }

  // Multiples of 1, 2 or 5 times a power of ten, about five of them.
  function evenSplits(low, high) {
    const power = 10 ** Math.floor(Math.log10((high - low) / 5));
    const step = power * [1, 2, 5, 10].find((m) => (high - low) / (m * power) <= 6);
    const first = Math.ceil(low / step);
    return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
  }

  // 1, 2, ... 9, 10, 20, ... within the range; uPlot's own start at the range's end, wherever that is.
  function logSplits(low, high) {
    if (high / low < 3) return evenSplits(low, high);
    const splits = [];
    for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
      for (let digit = 1; digit < 10; digit++) splits.push(digit * power);
    }
    return splits.filter((v) => v >= low && v <= high);
  }

  // Where there are many, those that begin with 1, 2 or 5 are labelled.
  function logLabels(splits) {
    const isRound = (v) => "125".includes(v.toExponential(2)[0]);
    return splits.map((v) => (splits.length <= 6 || isRound(v) ? digits(v) : ""));
  }

  // A distribution over more than a decade gets a logarithmic axis.
  function valueAxis(label, x) {
    const logarithmic = x[0] > 0 && x[x.length - 1] / x[0] > 10;
    const scale = { time: false, distr: logarithmic ? 3 : 1 };
    if (!logarithmic) return [scale, axis(label, 30)];
    scale.range = (_, low, high) => [low, high];
    return [scale, {
      ...axis(label, 30),
      splits: (_plot, _axis, low, high) => logSplits(low, high),
      filter: (_, splits) => splits,
      values: (_, splits) => logLabels(splits),
    }];
  }

  function forget(plot) {
    charts.delete(plot);
    plot.destroy();
  }

  function drawDistribution(parent, { title, unit, x, y }, names, part) {
    const isTime = unit === "us";
    const [scale, timeUnit] = isTime ? unitFor(TIME_UNITS, x[x.length - 1]) : [1, ""];
    const values = scaled(x, scale);
    const [xScale, xAxis] = valueAxis(`${title} (${isTime ? timeUnit : unit})`, values);
    const plot = draw(parent, title, {
      scales: { x: xScale, y: { range: [0, 1] } },
      axes: [xAxis, axis("Fraction of flows", 48)],
      series: [
        { label: isTime ? timeUnit : title, value: (_, v) => digits(v) },
        ...series(names, { paths: uPlot.paths.stepped({ align: 1 }) }),
      ],
    }, [values, ...y.map((column) => column ?? x.map(() => null))]);
    part.addEventListener("change", (event) => {
      plot.setScale("y", { min: Number(event.target.value), max: 1 });
    });
  }

  // --- the page ---------------------------------------------------------------------------------------------------

  function showError(message) {
    document.documentElement.dataset.state = "error";
    document.querySelector("main").prepend(element("p", { class: "error", role: "alert" },
      `A part of this page could not be drawn: ${message}`));
  }

  window.addEventListener("error", (event) => showError(event.message));

  function finish() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const plot of charts) plot.redraw(false, true);
    });
    // uPlot draws in a microtask.
    setTimeout(() => {
      if (document.documentElement.dataset.state === "error") return;
      document.documentElement.dataset.charts = String(charts.size);
      document.documentElement.dataset.state = "ready";
    });
  }

  return {
    byId, element, cssColor, colorName, swatch, fillTable, rowHead, fillSelect, TIME_UNITS, SIZE_UNITS, RATE_UNITS,
    unitFor, largestOf, scaled, digits, axis, series, draw, forget, drawDistribution, finish,
  };
})();
