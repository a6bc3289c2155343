function route(parts) {
  var hash = decodeURIComponent(location.hash.slice(1)) || 'monday';
  var at = location.hash.slice(1).split('/').map(decodeURIComponent);
  var view = document.getElementById(at[0]);
  if (!view || !view.classList.contains('view')) {
    var inside = document.getElementById(hash);
    view = (inside && inside.closest('.view')) || document.getElementById('monday');
  }
  document.querySelectorAll('.view').forEach(function (other) { other.classList.toggle('shown', other === view); });
  document.querySelectorAll('nav a').forEach(function (link) {
    var here = link.hash === '#' + (view.id === 'deal' ? 'pipeline' : view.id);
    if (here) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  });
  if (parts && view.id === 'deal') document.getElementById('deal-live').replaceChildren.apply(document.getElementById('deal-live'), dealPage(parts.deals, parts.factors, at[1]));
  if (parts && view.id === 'forecast') { if (at.length > 2) parts.forecast.node(at[1], at[2]); else parts.forecast.draw(); }
  window.scrollTo(0, 0);
}

document.documentElement.classList.add('js');
var parts = null;
addEventListener('hashchange', function () { route(parts); });
route(null);
unpacked().then(function (data) {
  owners = data.owners;
  var deals = new Table(data.deals);
  wholeNames(deals);
  parts = { deals: deals, factors: data.factors, forecast: new Forecast(data, document.getElementById('forecast-live')) };
  parts.pipeline = new Pipeline(deals, document.getElementById('pipeline-live'));
  ['forecast', 'pipeline'].forEach(function (id) {
    document.getElementById(id + '-live').hidden = false;
    document.querySelector('#' + id + ' > .static').hidden = true;
  });
  route(parts);
  document.documentElement.dataset.ready = 'yes';
}, function () { document.documentElement.dataset.ready = 'static'; });
