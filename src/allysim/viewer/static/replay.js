// A film that is part of the page: unpacked by the browser itself, and shown.
"use strict";

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// Undo the steps from month to month in which revenue and profit are packed.
function unsqueezed(world) {
  const { r, p, scale } = world.steps, revenue = scale.map(() => 0), profit = scale.map(() => 0);
  world.frames.forEach((frame, m) => {
    frame.r = r[m].map((step, k) => { revenue[k] += step; const value = Math.exp(revenue[k] / 200); return value > .0011 ? value : 0; });
    frame.p = p[m].map((step, k) => { profit[k] += step; return profit[k] * scale[k]; });
  });
  delete world.steps;
  return world;
}

async function replay(root) {
  const viewer = root.viewer = new Viewer(root), told = root.querySelector("[data-part=summary]");
  if (typeof DecompressionStream === "undefined") {
    told.textContent = "This browser is too old to unpack the film: any from 2023 on can.";
    return viewer;
  }
  const film = await unpacked(root.querySelector("[data-part=film]").textContent);
  const worlds = {}, names = {};
  film.worlds.forEach((world, k) => { worlds["ab"[k]] = new World(unsqueezed(world), "ab"[k]); names["ab"[k]] = world.name; });
  viewer.show(worlds, names, { bands: film.bands });
  if ("ended" in root.dataset) viewer.to(viewer.months);
  root.dataset.ready = "";
  return viewer;
}

for (const root of document.querySelectorAll(".viewer[data-film]")) replay(root);
