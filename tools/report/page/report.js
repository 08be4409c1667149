// SPDX-License-Identifier: BSD-3-Clause
// Draws the page of a run from the JSON that stands in it.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const {
    byId, element, cssColor, colorName, swatch, fillTable, rowHead, fillSelect, TIME_UNITS, SIZE_UNITS, unitFor,
    largestOf, scaled, digits, axis, series, draw, forget, drawDistribution, finish,
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

  // --- the page ---------------------------------------------------------------------------------------------------

  showRun();
  showComparison();
  showDistributions();
  showQueues();
  showCollectives();
  fillSelect("port-setting", data.settings.map((s) => s.name), showPorts);
  showPorts(0);
  showDrops();
  showSettings();
  finish();
})();
