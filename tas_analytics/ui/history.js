// One step of the browser's history for each thing that a visitor does.
//
// Streamlit makes several of one click that opens another page: the new parameters under the old path, then what the
// filters add to them, then the new path. Back would go through all of them, and the page that was left would come back
// with the parameters of the one that was opened. So only the first step after something was done is a new one;
// what follows until the next key or click corrects it.
(() => {
  let done = false;
  const mark = () => { done = true; };
  for (const kind of ["pointerdown", "click", "keydown"]) window.addEventListener(kind, mark, true);
  window.addEventListener("popstate", () => { done = false; }, true);

  const push = window.history.pushState;
  window.history.pushState = function (...step) {
    if (!done) return window.history.replaceState(...step);
    done = false;
    return push.apply(window.history, step);
  };
})();
