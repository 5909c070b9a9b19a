// Runs before the first paint: without it a dark console would flash white.
(function () {
  var root = document.documentElement;
  var read = function (key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  var theme = read('florin.theme');
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  var language = read('florin.language') || navigator.language || 'zh';
  root.lang = language.slice(0, 2) === 'zh' ? 'zh-CN' : 'en';
})();
