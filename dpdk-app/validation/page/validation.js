// SPDX-License-Identifier: BSD-3-Clause
// Draws the validation page: for each setting its table, both distributions over each other, both trajectories, and
// what congestion control allowed in both.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const {
    byId, element, swatch, rowHead, fillTable, TIME_UNITS, RATE_UNITS, unitFor, largestOf, scaled, digits, axis, series,
    draw, drawDistribution, finish,
  } = railyardCharts;
  const SIDES = ["simulation", "lab"];
  const CLASSES = { agrees: "best", differs: "differs", "not measurable": "unknown" };

  function showFacts() {
    const facts = [["Simulation", data.sim], ["Lab", data.lab], ["Tolerance", data.tolerance]];
    for (const [term, value] of facts) byId("run").append(element("dt", {}, term), element("dd", {}, value));
    byId("verdict").textContent = data.conclusion;
    byId("notes").append(...data.notes.map((note) => element("li", {}, note)));
  }

  function rowOf(row) {
    return [
      rowHead(row.decides ? `${row.label} !` : row.label),
      element("td", {}, row.sim),
      element("td", {}, row.lab),
      element("td", { class: `words ${CLASSES[row.verdict]}` }, row.statement),
    ];
  }

  function drawTrajectory(parent, { x, y, difference }) {
    if (x.length === 0) return;
    const [scale, unit] = unitFor(TIME_UNITS, x[x.length - 1]);
    const [bps, rateUnit] = unitFor(RATE_UNITS, largestOf(y.flat()));
    const caption = difference === null ? "Throughput over time" : `Throughput over time: ${difference} apart`;
    draw(parent, caption, {
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.05, 1e-9)] } },
      axes: [axis(`Time (${unit})`, 30), axis(`Throughput (${rateUnit})`, 56)],
      series: [{ label: unit, value: (_, v) => digits(v) }, ...series(SIDES, { spanGaps: true })],
    }, [scaled(x, scale), ...y.map((column) => scaled(column, bps))]);
  }

  function drawRates(parent, { x, y }) {
    if (x.length === 0) return;
    const [scale, unit] = unitFor(TIME_UNITS, x[x.length - 1]);
    const names = [...SIDES, "simulation, least", "simulation, most"];
    draw(parent, "Allowed rate, mean over the queue pairs that send", {
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.05, 1e-9)] } },
      axes: [axis(`Time (${unit})`, 30), axis("Allowed rate (% of line rate)", 56)],
      series: [{ label: unit, value: (_, v) => digits(v) }, ...series(names, { spanGaps: true })],
    }, [scaled(x, scale), ...y]);
  }

  function showSetting(setting, index) {
    const heading = element("h2", {}, `${setting.name}: ${setting.verdict}`);
    const charts = element("div", { class: "pair" });
    const table = element("table", { id: `figures-${index}` });
    byId("settings").append(element("section", {}, heading,
      element("ul", { class: "note" }, ...setting.notes.map((note) => element("li", {}, note))),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Figures of ${setting.name}` }, table),
      charts, element("p", { class: "note" }, setting.rates.words)));
    const heads = SIDES.map((side, i) => element("th", { scope: "col" }, swatch(i), side));
    fillTable(table.id, [element("td"), ...heads, element("td")], setting.rows.map(rowOf));
    if (setting.cdf.x.length > 0) {
      drawDistribution(charts, { title: "Message completion time", unit: "us", ...setting.cdf }, SIDES, byId("cdf-part"));
    }
    drawTrajectory(charts, setting.trajectory);
    drawRates(charts, setting.rates);
  }

  showFacts();
  data.settings.forEach(showSetting);
  finish();
})();
