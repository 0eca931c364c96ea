'use strict';
// The console: talks to /api/v1 only. Everything that comes from data is set by textContent.
const TEXT = {
  en: {skip: 'Skip to the recommendations', tagline: 'Predictions that say why', domain: 'Domain', strategy: 'Strategy', customer: 'Customer (id)',
    show: 'Show', more: 'More customers', history: 'History, newest first', older: 'Older', key: 'API key', keyhelp: 'Kept in this tab only',
    recommendations: 'Recommendations', for: 'Recommendations for {0}', loading: 'Asking the model …', empty: 'Nothing to recommend.',
    noHistory: 'No events are known of this customer.', choose: 'Choose a customer to begin.', score: 'score {0}', contributions: 'What each event added to the score',
    noReason: 'No reason passed its test, so none is given.', says: 'Says who?', test: 'Test: {0}', verdict: 'Verdict: {0}',
    supported: 'supported', refuted: 'refuted', withheld: 'Reasons that failed their test and are not shown: {0}', partial: 'The explanation is not complete; this is what is known: {0}', failed: 'The strategy failed: {0}',
    unstable: 'Unstable: don’t lean on these contributions.', deletion: 'deletion area (random {0})', insertion: 'insertion area (random {0})', infidelity: 'infidelity', sensitivity: 'sensitivity', gapShare: 'gap, share of score less base', quarantined: 'quarantined',
    strategyLine: 'Strategy {0}, seed {1}', base: 'base value', gap: 'not attributed', localFit: 'local fit (R²)', fidelity: 'fidelity', stability: 'stability', evaluations: 'model evaluations',
    helpful: 'Helpful', unhelpful: 'Not helpful', click: 'Click', purchase: 'Purchase', thanks: 'Noted: {0}', model: 'Model {0}, version {1} ({2})', fallback: 'Fallback: {0}',
    trace: 'Trace {0}', network: 'The server can’t be reached.', feedback: 'Feedback on {0}', scoreBefore: 'score before', scoreAfter: 'score after',
    rankBefore: 'rank before', rankAfter: 'rank after', randomControl: 'score after removing as many random events', 'remove-events': 'remove the named events and ask the model again', 'remove-and-rank': 'remove every event on the named items and rank again', 'remove-events-difference': 'remove the named events and compare the two again', 'recount-cases': 'recount from the cases of the training', recount: 'recount from what is stored'},
  zh: {skip: '跳到推荐', tagline: '说得出理由的预测', domain: '领域', strategy: '解释方法', customer: '顾客（编号）', show: '查看', more: '更多顾客', history: '历史记录（最新在前）',
    older: '更早', key: 'API 密钥', keyhelp: '仅保存在此标签页', recommendations: '推荐', for: '为 {0} 推荐', loading: '正在询问模型……', empty: '没有可推荐的内容。',
    noHistory: '没有这位顾客的事件记录。', choose: '请选择一位顾客。', score: '得分 {0}', contributions: '每个事件对得分的贡献', noReason: '没有理由通过检验，因此不给出理由。',
    says: '有何依据？', test: '检验：{0}', verdict: '结论：{0}', supported: '成立', refuted: '不成立', withheld: '未通过检验而不显示的理由：{0}', partial: '解释不完整，以下为已知部分：{0}', failed: '解释方法失败：{0}',
    unstable: '不稳定：请勿依赖这些贡献值。', deletion: '删除曲线面积（随机 {0}）', insertion: '插入曲线面积（随机 {0}）', infidelity: '不忠实度', sensitivity: '敏感度', gapShare: '缺口占得分与基准之差的比例', quarantined: '已隔离',
    strategyLine: '方法 {0}，随机种子 {1}', base: '基准值', gap: '未归因', localFit: '局部拟合度 (R²)', fidelity: '忠实度', stability: '稳定性', evaluations: '模型评估次数', helpful: '有帮助', unhelpful: '没帮助',
    click: '点击', purchase: '购买', thanks: '已记录：{0}', model: '模型 {0}，版本 {1}（{2}）', fallback: '备用：{0}', trace: '追踪号 {0}', network: '无法连接服务器。',
    feedback: '对 {0} 的反馈', scoreBefore: '原得分', scoreAfter: '移除后得分', rankBefore: '原排名', rankAfter: '移除后排名', randomControl: '移除同样多随机事件后的得分',
    'remove-events': '移除所述事件后重新询问模型', 'remove-and-rank': '移除所述物品的所有事件后重新排名', 'remove-events-difference': '移除所述事件后重新比较两者', 'recount-cases': '根据训练案例重新计数', recount: '根据存储的记录重新计数'}
};
const $ = id => document.getElementById(id);
const API = '../api/v1';
const store = (name, value) => { try { if (value === undefined) return sessionStorage.getItem(name); sessionStorage.setItem(name, value); } catch (e) { /* private mode */ } return null; };
let lang = store('lang') || (navigator.language.startsWith('zh') ? 'zh' : 'en');
let user = '', turn = 0, peopleCursor = null, historyCursor = null;

const t = (key, ...values) => values.reduce((s, v, i) => s.replace('{' + i + '}', () => v), TEXT[lang][key] || key);
const num = v => v === null || v === undefined ? '–' : new Intl.NumberFormat(lang, {maximumFractionDigits: 3}).format(v);

function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) k === 'onclick' ? e.addEventListener('click', v) : e.setAttribute(k, v);
  e.append(...children.filter(c => c !== null && c !== undefined).map(c => c instanceof Node ? c : document.createTextNode(String(c))));
  return e;
}

async function api(path, body) {
  const headers = {'Accept': 'application/json', 'Accept-Language': lang};
  if (store('key')) headers['X-API-Key'] = store('key');
  if (body) headers['Content-Type'] = 'application/json';
  let response, json;
  try {
    response = await fetch(API + path, {method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body)});
    json = await response.json();
  } catch (e) {
    throw {title: response ? 'HTTP ' + response.status : t('network')};
  }
  if (response.status === 401) { document.querySelector('.key').open = true; $('key').focus(); }
  if (!response.ok) throw json;
  return json;
}

function problem(p) {
  const box = $('problem');
  box.replaceChildren();
  box.hidden = !p;
  if (p) box.append(el('strong', {}, p.title || p.message || 'Error'), p.detail ? ' ' + p.detail : '',
    p.traceId ? el('small', {}, t('trace', p.traceId)) : '');
}

const domain = () => '/domains/' + encodeURIComponent($('domain').value);

async function people(reset) {
  if (reset) { $('people').replaceChildren(); $('users').replaceChildren(); peopleCursor = null; }
  const page = await api(domain() + '/entities/user?limit=20' + (peopleCursor ? '&cursor=' + encodeURIComponent(peopleCursor) : ''));
  for (const p of page.items) {
    $('people').append(el('li', {}, el('button', {type: 'button', 'aria-pressed': String(p.id === user), 'data-user': p.id, title: p.title, onclick: () => show(p.id)}, p.title === p.id ? p.id : p.title)));
    $('users').append(el('option', {value: p.id}, p.title));
  }
  peopleCursor = page.nextCursor;
  $('more').hidden = !peopleCursor;
}

async function history(reset, mine) {
  if (reset) historyCursor = null;
  const page = await api(domain() + '/entities/user/' + encodeURIComponent(user) + '/events?limit=25' + (historyCursor ? '&cursor=' + encodeURIComponent(historyCursor) : ''));
  if (mine !== turn) return;
  if (reset) $('history').replaceChildren();
  for (const e of page.items) {
    const when = new Date(e.time);
    $('history').append(el('li', {}, el('div', {}, e.title), el('small', {}, e.kind + ' · ', el('time', {datetime: e.time},
      isNaN(when) ? e.time : when.toLocaleString(lang, {dateStyle: 'medium', timeStyle: 'short'})))));
  }
  if (!$('history').children.length) $('history').append(el('li', {class: 'none'}, t('noHistory')));
  historyCursor = page.nextCursor;
  $('older').hidden = !historyCursor;
}

function bars(attribution) {
  const shown = attribution.contributions.filter(c => c.value !== null).sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 8);
  if (!shown.length) return null;
  const most = Math.max(...shown.map(c => Math.abs(c.value)), 1e-12);
  const svg = (tag, a) => { const e = document.createElementNS('http://www.w3.org/2000/svg', tag); for (const k in a) e.setAttribute(k, a[k]); return e; };
  return el('div', {class: 'bars', role: 'list', 'aria-label': t('contributions')}, ...shown.map(c => {
    const w = Math.abs(c.value) / most * 49, picture = svg('svg', {viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true'});
    picture.append(svg('rect', {x: 49.8, y: 0, width: .4, height: 10, class: 'axis'}),
      svg('rect', {x: c.value < 0 ? 50 - w : 50, y: 1, width: w, height: 8, class: c.value < 0 ? 'down' : 'up'}));
    return el('div', {class: 'bar', role: 'listitem'}, el('span', {title: c.label}, c.label), picture, el('span', {}, (c.value > 0 ? '+' : '') + num(c.value)));
  }));
}

const rows = pairs => el('table', {}, el('tbody', {}, ...pairs.map(([k, v]) => el('tr', {}, el('th', {scope: 'row'}, k), el('td', {}, num(v))))));

function why(e) {
  const out = [];
  if (e.status !== 'complete') out.push(el('p', {class: 'none'}, t(e.status, e.reason || '')));
  if (e.quality && e.quality.unstable) out.push(el('p', {class: 'none'}, t('unstable')));
  out.push(el('div', {class: 'why'}, ...(e.claims.length ? e.claims.map(c => el('p', {}, c.text)) : [el('p', {class: 'none'}, t('noReason'))])));
  if (e.attribution) out.push(bars(e.attribution));
  const says = el('div', {class: 'says'});
  for (const c of e.claims) {
    says.append(el('h4', {}, c.text), el('p', {}, t('test', t(c.test.name)) + ' · ' + t('verdict', t(c.verdict))),
      rows(Object.entries(c.test.effect).map(([k, v]) => [t(k), v])));
  }
  if (e.withheld) says.append(el('p', {}, t('withheld', num(e.withheld))));
  says.append(el('h4', {}, t('strategyLine', e.strategy.name + ' ' + e.strategy.version, e.seed)));
  const figures = [];
  if (e.attribution) figures.push([t('base'), e.attribution.baseValue], [t('gap'), e.attribution.completenessGap]);
  if (e.attribution && 'localFit' in e.attribution) figures.push([t('localFit'), e.attribution.localFit]);
  if (e.quality) {
    const q = e.quality, known = [[t('fidelity'), q.fidelity], [t('deletion', num(q.random)), q.deletion], [t('insertion', num(q.random)), q.insertion],
      [t('infidelity'), q.infidelity], [t('sensitivity'), q.sensitivity], [t('stability'), q.stability], [t('gapShare'), q.completenessGap]];
    figures.push(...known.filter(([, v]) => v !== null), [t('evaluations'), q.evaluations]);
  }
  says.append(rows(figures));
  out.push(el('details', {}, el('summary', {}, t('says')), says));
  return out.filter(Boolean);
}

function card(p, o) {
  const said = el('span', {role: 'status'});
  const buttons = ['helpful', 'unhelpful', 'click', 'purchase'].map(kind => el('button', {type: 'button', 'aria-pressed': 'false', onclick: async e => {
    const button = e.currentTarget;
    button.disabled = true;
    try {
      await api('/feedback', {prediction: p.id, target: o.target, kind});
      button.setAttribute('aria-pressed', 'true');
      said.textContent = t('thanks', t(kind));
      problem(null);
    } catch (x) { button.disabled = false; problem(x); }
  }}, t(kind)));
  const footer = t('model', p.model.name, p.model.version, p.model.engine) + (p.fallback ? ' · ' + t('fallback', p.fallback) : '') + ' · ' + p.model.digest.slice(0, 19);
  return el('li', {class: 'card'}, el('div', {class: 'top'}, el('span', {class: 'rank'}, o.rank), el('h3', {}, o.title), el('span', {class: 'score'}, t('score', num(o.score)))),
    ...(o.explanation ? why(o.explanation) : []), el('div', {class: 'feedback', role: 'group', 'aria-label': t('feedback', o.title)}, ...buttons, said), el('footer', {}, footer));
}

async function show(id) {
  user = id;
  const mine = ++turn;
  $('user').value = id;
  document.querySelectorAll('[data-user]').forEach(b => b.setAttribute('aria-pressed', String(b.dataset.user === id)));
  $('title').textContent = t('for', id);
  $('status').textContent = t('loading');
  $('model').textContent = '';
  $('cards').replaceChildren();
  $('cards').setAttribute('aria-busy', 'true');
  problem(null);
  const past = history(true, mine).catch(x => { if (mine === turn) { $('history').replaceChildren(el('li', {class: 'none'}, x.detail || t('noHistory'))); $('older').hidden = true; } });
  try {
    const explain = {locale: lang};
    if ($('strategy').value) explain.strategy = $('strategy').value;
    const p = await api(domain() + '/predictions', {user: id, k: 10, exclude: ['seen'], explain});
    if (mine !== turn) return;
    $('status').textContent = p.outputs.length ? '' : t('empty');
    $('cards').replaceChildren(...p.outputs.map(o => card(p, o)));
  } catch (x) {
    if (mine === turn) { $('status').textContent = ''; problem(x); }
  } finally {
    if (mine === turn) $('cards').removeAttribute('aria-busy');
  }
  await past;
}

function speak() {
  document.documentElement.lang = lang;
  document.querySelectorAll('[data-t]').forEach(e => { e.textContent = t(e.dataset.t); });
  document.querySelectorAll('[data-lang]').forEach(b => b.setAttribute('aria-pressed', String(b.dataset.lang === lang)));
  $('status').textContent = user ? '' : t('choose');
}

async function domains() {
  const before = $('domain').value, page = await api('/domains');
  $('domain').replaceChildren(...page.items.map(d => el('option', {value: d.id}, d.title)));
  if (before) $('domain').value = before;
}

async function start() {
  speak();
  try {
    await domains();
    const strategies = await api('/strategies');
    $('strategy').replaceChildren(...strategies.items.map(s => el('option', {value: s.name}, s.state === 'quarantined' ? s.name + ' (' + t('quarantined') + ')' : s.name)));
    const standard = strategies.items.find(s => s.default);
    if (standard) $('strategy').value = standard.name;
    if ($('domain').value) {
      await people(true);
      const first = document.querySelector('[data-user]');
      if (first) await show(first.dataset.user);
    }
  } catch (x) { problem(x); }
}

document.querySelectorAll('[data-lang]').forEach(b => b.addEventListener('click', async () => {
  lang = b.dataset.lang;
  store('lang', lang);
  speak();
  try { await domains(); } catch (x) { problem(x); }
  if (user) show(user);
}));
$('find').addEventListener('submit', e => { e.preventDefault(); if ($('user').value.trim()) show($('user').value.trim()); });
$('more').addEventListener('click', () => people(false).catch(problem));
$('older').addEventListener('click', () => history(false, turn).catch(problem));
$('domain').addEventListener('change', () => { user = ''; $('cards').replaceChildren(); $('history').replaceChildren(); speak(); people(true).catch(problem); });
$('strategy').addEventListener('change', () => { if (user) show(user); });
$('key').value = store('key') || '';
$('key').addEventListener('change', () => { store('key', $('key').value.trim()); problem(null); start(); });
start();
