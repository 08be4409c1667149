// SPDX-License-Identifier: BSD-3-Clause
// Draws the page from the JSON that stands in it. When all is drawn, <html data-state="ready" data-charts="n">.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SERIES_COLORS = 8;
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
  const CHART_HEIGHT = 300;
  const STRIPS_HEIGHT = 48;  // of all settings together, at most
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

  function settingHeads() {
    return data.settings.map((s, i) => element("th", { scope: "col" }, swatch(i), s.name));
  }

  function fillTable(id, heads, rows) {
    const table = byId(id);
    table.replaceChildren(
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells))));
  }

  const rowHead = (...children) => element("th", { scope: "row" }, ...children);

  // --- tables -----------------------------------------------------------------------------------------------------

  function showRun() {
    byId("description").textContent = data.description;
    const seeds = [...new Set(data.settings.flatMap((s) => s.seeds))];
    const facts = [
      ["Fabric", data.fabric],
      ["Settings", data.settings.map((s) => s.name).join(", ")],
      [seeds.length === 1 ? "Seed" : "Seeds", seeds.join(", ")],
      ["Command", data.command && element("code", {}, data.command)],
      ["Railyard", data.version],
      ["Configuration", data.hash && element("code", {}, data.hash)],
    ];
    for (const [term, value] of facts) {
      if (value) byId("run").append(element("dt", {}, term), element("dd", {}, value));
    }
  }

  function comparisonCell(cell) {
    const td = element("td", {}, cell.mean);
    if (cell.interval) td.append(" ", element("span", { class: "spread" }, cell.interval));
    if (cell.mark) {
      td.classList.add(cell.mark);
      td.title = cell.mark === "best" ? "best mean" : "not told apart from the best";
      td.append(cell.mark === "best" ? " *" : " ~");
    }
    if (cell.range) td.append(element("span", { class: "range" }, cell.range));
    return td;
  }

  function showComparison() {
    // A number stays with its unit.
    byId("verdict").textContent = data.verdict.join(" ").replace(/(\d) (?=[a-zA-Z%])/g, "$1\u00a0");
    fillTable("comparison", [element("td"), ...settingHeads()],
      data.comparison.rows.map((row) => [rowHead(row.label), ...row.cells.map(comparisonCell)]));
    const seeds = data.comparison.seeds;
    const several = data.settings.length > 1;
    const note = byId("comparison-note");
    if (seeds > 1) {
      note.append(`Mean of ${seeds} seeds ± half of the 95 % interval`,
        element("span", { class: "wide" }, ", below it the range"), ". ");
    }
    if (several && seeds > 1) note.append("* best mean; ~ not told apart from the best by Welch's t-test at 5 %.");
    if (several && seeds === 1) note.append("* best of one seed each: the spread is not known.");
  }

  function bandwidthCell(gbps, setting, largest) {
    if (gbps === null) return element("td", {}, "-");
    const bar = element("span", {
      class: "bar",
      style: `width: ${(100 * gbps / largest).toFixed(1)}%; background: var(${colorName(setting)})`,
    });
    return element("td", {}, gbps.toPrecision(4), bar);
  }

  function showCollectives() {
    const { rows, omitted } = data.collectives;
    if (rows.length === 0) {
      byId("collectives-note").textContent = "The foreground jobs ran no operation to its end.";
      return;
    }
    const largest = Math.max(...rows.flatMap((row) => row.gbps));
    const jobs = new Set(rows.map((row) => row.job));
    fillTable("collectives",
      [element("td"), element("th", { scope: "col" }, "Size"), element("th", { scope: "col" }, "Ranks"),
        ...settingHeads()],
      rows.map((row) => [
        rowHead(jobs.size > 1 ? `${row.job}: ${row.name}` : row.name),
        element("td", {}, row.size),
        element("td", {}, String(row.ranks)),
        ...row.gbps.map((gbps, i) => bandwidthCell(gbps, i, largest)),
      ]));
    if (omitted > 0) byId("collectives-note").append(` ${omitted} more are in collectives.csv.`);
  }

  function showPorts(setting) {
    const heads = ["Paused", "ECN marks", "Drops", "XOFF sent", "Deepest queue", "Sent"];
    const { rows, total } = data.settings[setting].ports;
    fillTable("ports", [element("td"), ...heads.map((h) => element("th", { scope: "col" }, h))],
      rows.map(([name, ...values]) => [rowHead(name), ...values.map((v) => element("td", {}, v))]));
    byId("ports-note").textContent = `${rows.length} of ${total} ports, by paused time, then marks. ` +
      "Mean over the seeds; the deepest queue is that of all seeds. ports.csv has the rest.";
  }

  function showDrops() {
    if (data.drops.length === 0) {
      byId("drops-note").textContent = "No frame was dropped in any run.";
      return;
    }
    fillTable("drops", [element("td"), ...settingHeads()],
      data.drops.map((row) => [rowHead(row.reason), ...row.counts.map((c) => element("td", {}, c))]));
    byId("drops-note").textContent = "Frames a run, mean over the seeds.";
  }

  function showSettings() {
    data.settings.forEach((s, i) => {
      const yaml = s.yaml ? element("pre", {}, s.yaml) : element("p", {}, "Not recorded.");
      byId("settings").append(element("details", {}, element("summary", {}, swatch(i), s.name), yaml));
    });
  }

  function fillSelect(id, names, onChange) {
    const select = byId(id);
    names.forEach((name, i) => select.append(element("option", { value: String(i) }, name)));
    select.addEventListener("change", () => onChange(Number(select.value)));
  }

  // --- charts -----------------------------------------------------------------------------------------------------

  const TIME_UNITS = [[1e6, "s"], [1e3, "ms"], [1, "us"], [1e-3, "ns"]];  // in microseconds
  const SIZE_UNITS = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]];

  function unitFor(units, largest) {
    return units.find(([scale]) => largest >= scale) ?? units[units.length - 1];
  }

  const largestOf = (values) => values.reduce((most, v) => Math.max(most, v ?? 0), 0);
  const scaled = (values, scale) => values?.map((v) => (v === null ? null : v / scale)) ?? [];
  const isPaused = (port) => port.settings.some((s) => s?.pauses.length > 0);
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

  function settingSeries(extra) {
    return data.settings.map((s, i) => ({
      label: s.name,
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
    const observer = new ResizeObserver(() => plot.setSize({ width: figure.clientWidth, height: CHART_HEIGHT }));
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

  function drawDistribution(parent, { title, unit, x, y }) {
    const isTime = unit === "us";
    const [scale, timeUnit] = isTime ? unitFor(TIME_UNITS, x[x.length - 1]) : [1, ""];
    const values = scaled(x, scale);
    const [xScale, xAxis] = valueAxis(`${title} (${isTime ? timeUnit : unit})`, values);
    const plot = draw(parent, title, {
      scales: { x: xScale, y: { range: [0, 1] } },
      axes: [xAxis, axis("Fraction of flows", 48)],
      series: [
        { label: isTime ? timeUnit : title, value: (_, v) => digits(v) },
        ...settingSeries({ paths: uPlot.paths.stepped({ align: 1 }) }),
      ],
    }, [values, ...y.map((column) => column ?? x.map(() => null))]);
    byId("cdf-part").addEventListener("change", (event) => {
      plot.setScale("y", { min: Number(event.target.value), max: 1 });
    });
  }

  function showDistributions() {
    const parent = byId("distributions");
    const some = data.distributions.filter((d) => d.x.length > 0);
    if (some.length === 0) parent.append(element("p", { class: "note" }, "No foreground flow crossed the fabric."));
    some.forEach((d) => drawDistribution(parent, d));
  }

  // One strip a setting in the room above the plot, filled where the port stood paused.
  function drawPauses(plot, port, scale, pitch) {
    const { ctx, bbox } = plot;
    const height = 0.6 * pitch * uPlot.pxRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, 0, bbox.width, bbox.top);
    ctx.clip();
    port.settings.forEach((setting, i) => {
      if (setting === null || !plot.series[i + 1].show) return;
      const top = bbox.top - (port.settings.length - i) * pitch * uPlot.pxRatio;
      ctx.fillStyle = cssColor("--panel");
      ctx.fillRect(bbox.left, top, bbox.width, height);
      ctx.fillStyle = cssColor(colorName(i));
      for (const [start, end] of setting.pauses) {
        const left = plot.valToPos(start / scale, "x", true);
        const right = plot.valToPos(end / scale, "x", true);
        ctx.fillRect(left, top, Math.max(right - left, uPlot.pxRatio), height);
      }
    });
    ctx.restore();
  }

  let queuePlot = null;

  function showQueue(index) {
    const parent = byId("queues");
    if (queuePlot !== null) {
      charts.delete(queuePlot);
      queuePlot.destroy();
      parent.replaceChildren();
    }
    const port = data.queues.ports[index];
    const times = data.queues.times;
    const [scale, unit] = unitFor(TIME_UNITS, times[times.length - 1]);
    const peaks = port.settings.map((s) => s?.peaks ?? times.map(() => null));
    const [bytes, size] = unitFor(SIZE_UNITS, largestOf(peaks.flat()));
    const pitch = isPaused(port) ? Math.min(10, STRIPS_HEIGHT / port.settings.length) : 0;
    const caption = pitch > 0 ? "queue depth, and above it the pauses" : "queue depth (never paused)";
    queuePlot = draw(parent, `${port.name}: ${caption}`, {
      padding: [pitch * port.settings.length + 8, 16, 0, 0],
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.05, 1)] } },
      axes: [axis(`Time (${unit})`, 30), axis(`Queue (${size})`, 56)],
      series: [{ label: unit, value: (_, v) => digits(v) }, ...settingSeries({ spanGaps: true })],
      hooks: { draw: [(plot) => drawPauses(plot, port, scale, pitch)] },
    }, [scaled(times, scale), ...peaks.map((p) => scaled(p, bytes))]);
  }

  function showQueues() {
    const ports = data.queues.ports;
    if (ports.length === 0) {
      byId("queues").append(element("p", { class: "note" }, "No queue was sampled and no port was paused."));
      byId("queue-port").disabled = true;
      return;
    }
    fillSelect("queue-port", ports.map((p) => p.name), showQueue);
    showQueue(0);
  }

  // --- the page ---------------------------------------------------------------------------------------------------

  function showError(message) {
    document.documentElement.dataset.state = "error";
    document.querySelector("main").prepend(element("p", { class: "error", role: "alert" },
      `A part of this page could not be drawn: ${message}`));
  }

  window.addEventListener("error", (event) => showError(event.message));

  showRun();
  showComparison();
  showDistributions();
  showQueues();
  showCollectives();
  fillSelect("port-setting", data.settings.map((s) => s.name), showPorts);
  showPorts(0);
  showDrops();
  showSettings();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const plot of charts) plot.redraw(false, true);
  });
  // uPlot draws in a microtask.
  setTimeout(() => {
    if (document.documentElement.dataset.state === "error") return;
    document.documentElement.dataset.charts = String(charts.size);
    document.documentElement.dataset.state = "ready";
  });
})();
