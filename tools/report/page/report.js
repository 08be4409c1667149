// SPDX-License-Identifier: BSD-3-Clause
// Draws the page of a run from the JSON that stands in it.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const {
    byId, element, cssColor, colorName, swatch, fillTable, rowHead, fillSelect, TIME_UNITS, SIZE_UNITS, RATE_UNITS,
    unitFor, largestOf, scaled, digits, axis, series, draw, forget, drawDistribution, finish,
  } = railyardCharts;
  const STRIPS_HEIGHT = 48;  // of all settings together, at most

  function settingHeads() {
    return data.settings.map((s, i) => element("th", { scope: "col" }, swatch(i), s.name));
  }

  // --- tables -----------------------------------------------------------------------------------------------------

  function showRun() {
    byId("description").textContent = data.description;
    byId("description").after(...data.cautions.map((caution) => element("p", { class: "error" }, caution)));
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

  const MARKS = {
    best: ["*", "best"],
    tied: ["~", "not told apart from the best"],
    same: ["=", "the same as the best, within what matters"],
    untested: ["?", "too few seeds to be tested"],
  };

  function comparisonCell(cell) {
    const td = element("td", {}, cell.center);
    if (cell.interval) td.append(" ", element("span", { class: "spread" }, cell.interval));
    if (cell.mark) {
      const [sign, meaning] = MARKS[cell.mark];
      td.classList.add(cell.mark);
      td.title = meaning;
      td.append(` ${sign}`);
    }
    // Beside a median the range stands for the interval.
    const wide = cell.interval ? "range wide" : "range";
    if (cell.range) td.append(element("span", { class: wide }, cell.range));
    return td;
  }

  // A number stays with its unit.
  const unbroken = (text) => text.replace(/(\d) (?=[a-zA-Z%])/g, "$1\u00a0");

  function showComparison() {
    byId("verdict").textContent = unbroken(data.verdict.join(" "));
    fillTable("comparison", [element("td"), ...settingHeads()],
      data.comparison.rows.map((row) => [rowHead(row.label), ...row.cells.map(comparisonCell)]));
    byId("comparison-note").textContent = unbroken(data.comparison.legend);
  }

  function showDifferences() {
    const { differences, best, metric, confidence, method } = data.comparison;
    if (differences.length === 0) {
      byId("h-differences").parentElement.remove();
      return;
    }
    byId("h-differences").textContent = `Differences from ${best}`;
    const heads = [metric, "Difference", `${confidence} interval`, "Paired t", "Sign flips"];
    const words = ["Decided by", "Verdict"];  // sentences, which may take two lines
    fillTable("differences", [element("td"), ...heads.map((h) => element("th", { scope: "col" }, h)),
      ...words.map((h) => element("th", { scope: "col", class: "words" }, h))],
      differences.map(([name, ...values]) => [
        element("th", { scope: "row" }, swatch(data.settings.findIndex((s) => s.name === name)), name),
        ...values.map((v, i) => element("td", i < heads.length ? {} : { class: "words" }, unbroken(v))),
      ]));
    byId("differences-note").textContent = method && unbroken(
      `${method} The columns of the two tests hold their own probabilities, before any adjustment.`);
  }

  // --- every seed -------------------------------------------------------------------------------------------------

  const DOT = { left: 150, width: 720, row: 26, radius: 4 };

  function svg(name, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  // A row a setting, a dot a seed. Dots of one seed share their height within the row.
  function showDots(index) {
    const { label, dots } = data.comparison.rows[index];
    const all = dots.flat().filter((v) => v !== null);
    const low = Math.min(...all);
    const high = Math.max(...all);
    const x = (value) => DOT.left + 10 + (DOT.width - DOT.left - 20) * (high > low ? (value - low) / (high - low) : 0.5);
    const height = DOT.row * dots.length + 30;
    const plot = svg("svg", { viewBox: `0 0 ${DOT.width} ${height}`, class: "dots", role: "img",
      "aria-label": `${label}: a dot for every seed` });
    dots.forEach((values, setting) => {
      const middle = DOT.row * (setting + 0.5);
      plot.append(svg("text", { x: DOT.left - 8, y: middle + 4, "text-anchor": "end" }, data.settings[setting].name),
        svg("line", { x1: DOT.left, x2: DOT.width, y1: middle, y2: middle }));
      values.forEach((value, seed) => {
        if (value === null) return;
        const spread = values.length > 1 ? (seed / (values.length - 1) - 0.5) * (DOT.row - 12) : 0;
        plot.append(svg("circle", { cx: x(value), cy: middle + spread, r: DOT.radius,
          style: `fill: var(${colorName(setting)})` },
        svg("title", {}, `seed ${data.settings[setting].seeds[seed]}: ${value}`)));
      });
    });
    const end = (value) => String(Number(value.toPrecision(4)));
    const bottom = DOT.row * dots.length + 18;
    plot.append(svg("text", { x: x(low), y: bottom, "text-anchor": high > low ? "start" : "middle" }, end(low)));
    if (high > low) plot.append(svg("text", { x: x(high), y: bottom, "text-anchor": "end" }, end(high)));
    byId("dots").replaceChildren(plot);
  }

  function showEverySeed() {
    const rows = data.comparison.rows;
    if (rows.length === 0) {
      byId("h-dots").parentElement.remove();
      return;
    }
    fillSelect("dots-metric", rows.map((row) => row.label), showDots);
    showDots(0);
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

  // --- charts -----------------------------------------------------------------------------------------------------

  const isPaused = (port) => port.settings.some((s) => s?.pauses.length > 0);

  function settingSeries(extra) {
    return series(data.settings.map((s) => s.name), extra);
  }

  function showDistributions() {
    const parent = byId("distributions");
    const some = data.distributions.filter((d) => d.x.length > 0);
    if (some.length === 0) parent.append(element("p", { class: "note" }, "No foreground flow crossed the fabric."));
    some.forEach((d) => drawDistribution(parent, d, data.settings.map((s) => s.name), byId("cdf-part")));
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
      forget(queuePlot);
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

  let ratePlots = [];

  function showRate(index) {
    const parent = byId("rates");
    ratePlots.forEach(forget);
    parent.replaceChildren();
    const pair = data.rates.pairs[index];
    const times = data.rates.times;
    const [scale, unit] = unitFor(TIME_UNITS, times[times.length - 1]);
    const drawOne = (key, what, units) => {
      const columns = pair.settings.map((s) => s?.[key] ?? times.map(() => null));
      const [size, name] = unitFor(units, largestOf(columns.flat()));
      return draw(parent, `${pair.name}: ${what}`, {
        scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.05, 1e-9)] } },
        axes: [axis(`Time (${unit})`, 30), axis(`${what[0].toUpperCase()}${what.slice(1)} (${name})`, 56)],
        series: [{ label: unit, value: (_, v) => digits(v) }, ...settingSeries({ spanGaps: true })],
      }, [scaled(times, scale), ...columns.map((column) => scaled(column, size))]);
    };
    ratePlots = [drawOne("bps", "rate", RATE_UNITS)];
    if (pair.settings.some((s) => s?.window)) ratePlots.push(drawOne("window", "window", SIZE_UNITS));
  }

  function showRates() {
    const { pairs } = data.rates;
    if (pairs.length === 0) {
      byId("rates").append(element("p", { class: "note" }, "No queue pair's rate was sampled."));
      byId("rate-pair").disabled = true;
      return;
    }
    fillSelect("rate-pair", pairs.map((p) => p.name), showRate);
    // The one that was held back most shows the most.
    const lowest = pairs.map((p) => Math.min(...p.settings.flatMap((s) => s?.bps ?? []).filter((v) => v !== null)));
    const first = lowest.indexOf(Math.min(...lowest));
    byId("rate-pair").value = String(first);
    showRate(first);
  }

  // --- the page ---------------------------------------------------------------------------------------------------

  showRun();
  showComparison();
  showDifferences();
  showEverySeed();
  showDistributions();
  showQueues();
  showRates();
  showCollectives();
  fillSelect("port-setting", data.settings.map((s) => s.name), showPorts);
  showPorts(0);
  showDrops();
  showSettings();
  finish();
})();
