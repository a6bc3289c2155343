// Looks at a report.html in a real browser and says, one line a test, `ok NAME` or `not ok NAME: why`.
// node report.mjs REPORT.html RUN_FOLDER FRENCH_REPORT.html REPORT_WITH_ESTIMATES.html ITS_RUN_FOLDER LARGE_REPORT.html MANY_OWNERS_REPORT.html MODULES_FOLDER BROWSER
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { looks } from './looks.mjs';
import { go, placesOf, reach } from './reach.mjs';

const [, , report, run, french, estimated, estimatedRun, large, manyOwners, modules, executablePath] = process.argv;
const require = createRequire(modules + '/package.json');
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const views = ['monday', 'forecast', 'pipeline', 'stagnation', 'funnel', 'sources', 'waterfall', 'evidence', 'define'];
const address = 'file://' + report;

// The page with its script laid open, for tests of single functions: their names are names of the page.
const laidOpen = report.replace(/\.html$/, '.open.html');
writeFileSync(laidOpen, readFileSync(report, 'utf8')
  .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
  .replace("(function () {\n'use strict';\n", '')
  .replace(/\}\)\(\);\s*(?=<\/script>)/, ''));

// The simple CSV of our own outputs: names with commas are quoted.
function table(name, folder = run) {
  const [head, ...lines] = readFileSync(`${folder}/${name}.csv`, 'utf8').trim().split('\n').map((line) => {
    const cells = [];
    for (const match of line.matchAll(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)) {
      cells.push(match[1].replace(/^"|"$/g, '').replaceAll('""', '"'));
      if (match[2] === '') break;
    }
    return cells;
  });
  return lines.map((cells) => Object.fromEntries(head.map((key, i) => [key, cells[i]])));
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

async function opened(options, work, file = address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => /^(file|data|blob):/.test(request.url()) || faults.push('request of ' + request.url()));
  await page.goto(file, { waitUntil: 'commit' });
  if (options.javaScriptEnabled !== false) await page.waitForSelector('html[data-ready=yes]');
  await work(page);
  await context.close();
  expect(faults.length === 0, faults.join('; '));
}

function expect(holds, why) {
  if (!holds) throw new Error(why);
}
function same(got, expected, what) {
  expect(JSON.stringify(got) === JSON.stringify(expected), `${what}: got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`);
}
async function shown(page) {
  return Number((await page.locator('#pipeline-live [role=status]').innerText()).split(' ')[0].replaceAll(',', ''));
}

// A page of 20,000 deals: its size, its first content, and what a filter or a search takes.
async function withinBudget(large, owners) {
  const bytes = statSync(large).size;
  const paints = [];
  let deals = 0, people = 0, slowest = {};
  for (let i = 0; i < 3; i++) {
    await opened({}, async (page) => {
      paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
      await page.locator('nav a[href="#pipeline"]').click();
      deals = await shown(page);
      people = await page.locator('#pipeline-live select[aria-label="Owner"] option').count() - 1;
      const took = await page.evaluate(() => {
        const live = document.getElementById('pipeline-live');
        const search = live.querySelector('input[type=search]'), stage = live.querySelector('select[aria-label="Stage"]');
        const head = [...live.querySelectorAll('th button')].find((button) => button.textContent.startsWith('Amount'));
        function timed(work) {
          const begin = performance.now();
          work();
          live.getBoundingClientRect();
          return performance.now() - begin;
        }
        function typed(text) { search.value = text; search.dispatchEvent(new Event('input')); }
        function chosen(value) { stage.value = value; stage.dispatchEvent(new Event('change')); }
        return { search: timed(() => typed('12')), 'search cleared': timed(() => typed('')), filter: timed(() => chosen(stage.options[1].value)), 'filter cleared': timed(() => chosen('')), sort: timed(() => head.click()) };
      });
      for (const [what, ms] of Object.entries(took)) slowest[what] = Math.min(slowest[what] ?? Infinity, ms);
    }, 'file://' + large);
  }
  const paint = Math.min(...paints);
  const times = Object.entries(slowest).map(([what, ms]) => `${what} ${ms.toFixed(0)} ms`).join(', ');
  console.log(`# ${deals} open deals, ${people} owners: ${(bytes / 1e6).toFixed(2)} MB, first content after ${paint.toFixed(0)} ms, ${times}`);
  expect(deals >= 20000 && people >= owners, `${deals} open deals, ${people} owners`);
  expect(bytes <= 2.5e6, `${bytes} bytes`);
  expect(paint < 1000, `first content after ${paint} ms`);
  for (const [what, ms] of Object.entries(slowest)) expect(what === 'sort' || ms < 100, `${what} took ${ms} ms`);
}

const tests = {
  async every_view_is_drawn_and_none_is_wider_than_the_page() {
    for (const width of [1280, 390]) {
      await opened({ viewport: { width, height: 900 } }, async (page) => {
        for (const view of views) {
          await page.locator(`nav a[href="#${view}"]`).click();
          await page.locator(`#${view}.shown h1`).waitFor();
          same(await page.locator('.view.shown').count(), 1, 'views shown at ' + view);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(over <= 0, `${view} is ${over} pixels wider than ${width}`);
        }
      });
    }
  },
  async without_scripts_every_view_stands_in_the_page() {
    await opened({ javaScriptEnabled: false }, async (page) => {
      for (const view of views) {
        expect(await page.locator(`#${view}`).isVisible(), view + ' is hidden');
        expect((await page.locator(`#${view}`).innerText()).length > 40, view + ' says nothing');
      }
      expect(!(await page.locator('#pipeline-live').isVisible()), 'controls without a script');
      expect((await page.locator('#pipeline tbody tr').count()) > 5, 'no list of deals');
      same(await page.locator('#monday a[href^="#deal"]').count(), 0, 'links to pages that only a script makes');
    });
  },
  async filters_and_search_count_what_the_tables_say() {
    const positions = Object.fromEntries(table('positions').map((at) => [at.owner, at]));
    const deals = table('scores').map((deal) => ({ ...deal, team: positions[deal.owner].team, region: positions[deal.owner].region }));
    await opened({}, async (page) => {
      await page.locator('nav a[href="#pipeline"]').click();
      same(await shown(page), deals.length, 'all deals');
      const columns = [['Stage', 'stage'], ['Stagnation', 'stagnation'], ['Currency', 'currency'], ['Team', 'team'], ['Region', 'region'], ['Forecast category', 'forecast_category'], ['Owner', 'owner']];
      for (const [label, key] of columns) {
        const box = page.locator(`#pipeline-live select[aria-label="${label}"]`);
        if (!(await box.count())) continue;
        for (const value of new Set(deals.map((deal) => deal[key]))) {
          await box.selectOption(value);
          same(await shown(page), deals.filter((deal) => deal[key] === value).length, `${key} ${value}`);
        }
        await box.selectOption('');
      }
      const id = deals[Math.floor(deals.length / 2)].deal_id;
      await page.locator('#pipeline-live input[type=search]').fill(id);
      same(await shown(page), deals.filter((deal) => Object.values(deal).slice(0, 5).join('\n').includes(id)).length, 'search');
    });
  },
  async a_heading_sorts_and_the_board_has_every_stage() {
    const deals = table('scores');
    await opened({}, async (page) => {
      await page.locator('nav a[href="#pipeline"]').click();
      await page.locator('#pipeline-live th button', { hasText: 'Score' }).click();
      const top = Math.max(...deals.map((deal) => Number(deal.score)));
      const place = await page.locator('#pipeline-live th').allInnerTexts();
      const column = place.findIndex((text) => text.startsWith('Score'));
      const first = await page.locator('#pipeline-live tbody tr').first().locator('td').nth(column).innerText();
      same(Number(first), top, 'highest score');
      await page.getByRole('button', { name: 'Board' }).click();
      same(await page.locator('#pipeline-live .lane').count(), new Set(deals.map((deal) => deal.stage)).size, 'lanes');
    });
  },
  async a_deal_opens_and_back_leads_to_the_list() {
    await opened({}, async (page) => {
      await page.locator('nav a[href="#pipeline"]').click();
      const link = page.locator('#pipeline-live tbody a').first();
      const id = decodeURIComponent((await link.getAttribute('href')).slice('#deal/'.length));
      await link.click();
      await page.locator('#deal.shown').waitFor();
      const text = await page.locator('#deal').innerText();
      expect(text.includes(id), 'the page of another deal');
      const changes = table('deal_changes').filter((change) => change.deal_id === id);
      const rows = page.locator('#deal [aria-label="What happened to it"] tbody tr');
      same(await rows.count(), changes.length, 'changes of the deal');
      const first = await rows.last().locator('td').allInnerTexts();
      same([first[0], first[3]], [changes[0].changed_on, changes[0].to], 'the first change');
      const moved = changes.filter((change) => change.event === 'stage').pop();
      if (moved) {
        const cells = (await rows.allInnerTexts()).map((line) => line.split('\t')).find((line) => line[1] === 'Stage' || line[1] === 'stage');
        same([cells[0], cells[2], cells[3], Number(cells[4])], [moved.changed_on, moved.from, moved.to, Number(moved.after_days)], 'the last move');
      }
      await page.goBack();
      await page.locator('#pipeline.shown').waitFor();
    });
  },
  async the_tree_opens_to_owners_and_a_node_has_the_numbers_of_its_rows() {
    const rows = table('forecast').filter((row) => row.basis === 'base');
    const positions = table('positions');
    await opened({}, async (page) => {
      await page.locator('nav a[href="#forecast"]').click();
      const period = await page.locator('#forecast-live select[aria-label="Period"]').inputValue();
      const named = () => page.locator('#forecast-live tbody tr td:first-child a').allInnerTexts();
      const owner = positions.find((at) => rows.some((row) => row.level === 'owner' && row.node === at.owner && row.period === period));
      await page.locator('#forecast-live select[aria-label="Owner"]').selectOption(owner.owner);
      const [manager] = positions.filter((at) => at.owner === owner.manager);
      same((await named()).filter((name) => name === (owner.owner_name || owner.owner)).length >= 1, true, 'the owner in the tree ' + (manager ? manager.owner : ''));
      await page.locator('#forecast-live select[aria-label="Owner"]').selectOption('');
      const regions = new Set(positions.map((at) => at.region).filter((region) => rows.some((row) => row.level === 'region' && row.node === region && row.period === period)));
      const inTree = await named();
      for (const region of regions) expect(inTree.includes(region), `region ${region} is not in the tree`);
      const node = rows.find((row) => row.level === 'team' && row.period === period).node;
      await page.evaluate((node) => { location.hash = 'forecast/team/' + encodeURIComponent(node); }, node);
      await page.locator('#forecast-live h2').waitFor();
      const text = await page.locator('#forecast-live').innerText();
      const won = Number(rows.find((row) => row.node === node && row.period === period).won);
      expect(text.includes(Math.round(won).toLocaleString('en-US')), `${period}: won ${won} is not shown`);
      for (const gap of table('gaps').filter((row) => row.level === 'team' && row.node === node && row.period === period)) {
        const shownGap = Math.round(Number(gap.gap_conversion)).toLocaleString('en-US');
        expect((await page.locator('#forecast-live').textContent()).includes(shownGap), `gap_conversion ${shownGap} is not shown`);
      }
      await page.goBack();
      await page.locator('#forecast-live .toggle').first().waitFor();
    });
  },
  async managers_of_managers_have_everybody_below_and_revisions_add_up_as_in_the_table() {
    const rows = table('forecast').filter((row) => row.basis === 'base'), positions = table('positions');
    const below = (node) => positions.filter((at) => at.owner === node || JSON.parse(at.managers).includes(node)).map((at) => at.owner);
    const whole = (text) => Number(text.replaceAll(',', ''));
    await opened({}, async (page) => {
      await page.locator('nav a[href="#forecast"]').click();
      const period = await page.locator('#forecast-live select[aria-label="Period"]').inputValue();
      let told = 0, listed = {};
      for (const [level, node] of [['company', 'company'], ['manager', 'top'], ['manager', 'boss1'], ['owner', 'rep1'], ['owner', 'rep2']]) {
        const row = rows.find((row) => row.level === level && row.node === node && row.period === period);
        if (!row) continue;
        await page.evaluate((hash) => { location.hash = hash; }, `forecast/${level}/${node}`);
        await page.locator('#forecast-live h2', { hasText: row.node_name }).waitFor();
        const cells = await page.locator('#forecast-live tbody tr', { hasText: period }).first().locator('td').allInnerTexts();
        const heads = await page.locator('#forecast-live table').first().locator('th').allInnerTexts();
        same(whole(cells[heads.indexOf('Won')]), Math.round(Number(row.won)), `won by ${level} ${node}`);
        const points = await page.locator('#forecast-live figure circle title').allTextContents();
        for (const key of ['submitted', 'adjusted']) {
          const last = points.filter((text) => text.includes(`: ${key} `)).pop();
          same(last === undefined ? null : whole(last.split(`: ${key} `)[1]), row[key] === '' ? null : Math.floor(Number(row[key])), `${key} of ${level} ${node}`);
          if (last !== undefined) told++;
        }
        const people = page.locator('#forecast-live [aria-label^="Open deals worth most"] tbody tr td:nth-child(2)');
        listed[node] = await people.allInnerTexts();
      }
      expect(told > 4, 'no forecasts were submitted for ' + period);
      const called = Object.fromEntries(positions.map((at) => [at.owner, at.owner_name || at.owner]));
      for (const node of ['top', 'boss1']) {
        const names = below(node).map((owner) => called[owner]);
        expect(listed[node].length > 0, node + ' has no deals');
        for (const name of listed[node]) expect(names.includes(name), `${name} is not below ${node}`);
      }
      expect(below('top').length > below('boss1').length, 'nobody else is below the manager of managers');
      const best = table('period_deals').filter((deal) => deal.status === 'open' && below('top').includes(deal.owner) && Number(deal.base_expected) > 0);
      same(listed.top.length, Math.min(10, best.length), 'deals below the manager of managers');
    });
  },
  async deals_of_a_node_add_up_to_what_its_forecast_expects_of_open_deals() {
    const rows = table('forecast').filter((row) => row.basis === 'base');
    const open = table('period_deals').filter((deal) => deal.status === 'open' && Number(deal.base_expected) > 0).sort((a, b) => Number(b.base_expected) - Number(a.base_expected));
    await opened({}, async (page) => {
      await page.locator('nav a[href="#forecast"]').click();
      const period = await page.locator('#forecast-live select[aria-label="Period"]').inputValue();
      let looked = 0;
      for (const owner of [...new Set(open.map((deal) => deal.owner))].slice(0, 4)) {
        const row = rows.find((row) => row.level === 'owner' && row.node === owner && row.period === period), own = open.filter((deal) => deal.owner === owner);
        if (!row) continue;
        await page.evaluate((hash) => { location.hash = hash; }, `forecast/owner/${encodeURIComponent(owner)}`);
        await page.locator('#forecast-live h2', { hasText: row.node_name }).waitFor();
        const lines = await page.locator('#forecast-live [aria-label^="Open deals worth most"] tbody tr').evaluateAll((all) => all.map((line) => [...line.cells].map((cell) => cell.textContent)));
        same(lines.map((line) => line[5]), own.slice(0, 10).map((deal) => Math.round(Number(deal.base_expected)).toLocaleString('en-US')), 'parts of what is expected of ' + owner);
        same(lines.map((line) => line[4]), own.slice(0, 10).map((deal) => (100 * Number(deal.win_in_period)).toFixed(1) + '%'), 'chances of ' + owner);
        own.slice(0, 10).forEach((deal, i) => same(lines[i][3].includes('(estimated)'), deal.base_amount === '', 'the amount of ' + deal.deal_id));
        looked += lines.length;
        const sum = own.reduce((sum, deal) => sum + Number(deal.base_expected), 0);
        expect(Math.abs(sum - Number(row.expected_from_open)) <= 0.01 * own.length + 0.01, `${owner}: ${sum} is not ${row.expected_from_open}`);
      }
      expect(looked > 0, 'no deal was looked at');
      const [deal] = open;
      await page.evaluate((id) => { location.hash = 'deal/' + encodeURIComponent(id); }, deal.deal_id);
      await page.locator('#deal.shown h1').waitFor();
      const tiles = await page.locator('#deal-live .tile').allInnerTexts(), scored = table('scores').find((one) => one.deal_id === deal.deal_id);
      for (const [name, share] of [['Win this period', scored.win_in_period], ['Win this period at past pace', deal.win_in_period]]) {
        const tile = tiles.find((text) => text.split('\n')[0] === name);
        same(tile && tile.split('\n').pop(), (100 * Number(share)).toFixed(1) + '%', name);
      }
    });
  },
  async an_amount_that_is_estimated_is_said_where_it_counts_and_nowhere_else() {
    const whole = (text) => Number(text.replace(' (estimated)', '').replaceAll(',', '')), close = (a, b) => Math.abs(a - b) <= 1;
    const rows = table('forecast', estimatedRun).filter((row) => row.basis === 'base' && row.level === 'owner'), scores = table('scores', estimatedRun);
    const open = table('period_deals', estimatedRun).filter((deal) => deal.status === 'open'), unknown = open.filter((deal) => deal.amount === '');
    expect(unknown.length > 4 && unknown.some((deal) => Number(deal.base_expected) > 0), unknown.length + ' deals have no amount');
    same(scores.filter((deal) => deal.amount === '').map((deal) => deal.deal_id).sort(), unknown.map((deal) => deal.deal_id).sort(), 'deals without an amount');
    await opened({}, async (page) => {
      await page.locator('nav a[href="#forecast"]').click();
      const period = await page.locator('#forecast-live select[aria-label="Period"]').inputValue();
      let estimated = 0, known = 0;
      for (const row of rows.filter((row) => row.period === period)) {
        const parts = open.filter((deal) => deal.owner === row.node && Number(deal.base_expected) > 0), without = parts.filter((deal) => deal.amount !== '');
        const sum = (list) => list.reduce((sum, deal) => sum + Number(deal.base_expected), 0);
        if (parts.length > without.length) expect(sum(without) + 0.5 < Number(row.expected_from_open), `${row.node}: deals without an amount count nothing`);
        expect(Math.abs(sum(parts) - Number(row.expected_from_open)) <= 0.01 * parts.length + 0.01, `${row.node}: ${sum(parts)} is not ${row.expected_from_open}`);
        await page.evaluate((hash) => { location.hash = hash; }, 'forecast/owner/' + encodeURIComponent(row.node));
        await page.locator('#forecast-live h2', { hasText: row.node_name }).waitFor();
        const lines = await page.locator('#forecast-live [aria-label^="Open deals worth most"] tbody tr').evaluateAll((all) => all.map((line) => [line.querySelector('a')?.hash, ...[...line.cells].map((cell) => cell.textContent)]));
        for (const line of lines.filter((line) => line[0])) {
          const deal = parts.find((deal) => '#deal/' + deal.deal_id === line[0]);
          expect(close(whole(line[6]), Number(deal.base_expected)), `${deal.deal_id} brings ${line[6]}, not ${deal.base_expected}`);
          // A chance that is shown as nothing tells no amount.
          if (deal.amount === '' && Number(deal.win_in_period) < 0.0005) continue;
          if (deal.amount === '') {
            estimated++;
            expect(line[4].endsWith(' (estimated)') && Math.abs(whole(line[4]) / (Number(deal.base_expected) / Number(deal.win_in_period)) - 1) <= 0.001 / Number(deal.win_in_period), `${deal.deal_id} is taken for ${line[4]}`);
          } else {
            known++;
            same(whole(line[4]), Math.round(Number(deal.base_amount)), 'amount of ' + deal.deal_id);
          }
        }
      }
      expect(estimated > 3 && known > 10, `${estimated} estimated and ${known} known amounts were looked at`);
      // In the list, on the board and on its own page a deal has the amount that its table says: none.
      await page.evaluate(() => { location.hash = 'pipeline'; });
      const said = (await page.locator('#pipeline-live [role=status]').innerText()).split(': ')[1].split(', ');
      for (const [amount, currency] of said.map((part) => part.split(' '))) {
        const total = scores.filter((deal) => deal.currency === currency).reduce((sum, deal) => sum + Number(deal.amount), 0);
        expect(close(whole(amount), total), `${amount} ${currency}, not ${total}`);
      }
      await page.locator('#pipeline-live input[type=search]').fill(unknown[0].deal_id);
      const heads = await page.locator('#pipeline-live th').allInnerTexts(), cells = await page.locator('#pipeline-live tbody tr').first().locator('td').allInnerTexts();
      same(cells[heads.findIndex((head) => /^Amount/.test(head))], '', 'amount in the list');
      await page.evaluate((id) => { location.hash = 'deal/' + id; }, unknown[0].deal_id);
      await page.locator('#deal.shown h1').waitFor();
      const tiles = await page.locator('#deal-live .tile dt').allInnerTexts();
      expect(tiles.length > 2 && !tiles.includes('Amount'), 'an amount on the page of the deal: ' + tiles);
    }, 'file://' + estimated);
  },
  async a_category_empties_what_is_known_of_all_deals_only() {
    const rows = table('forecast').filter((row) => row.basis === 'base');
    await opened({}, async (page) => {
      await page.locator('nav a[href="#forecast"]').click();
      const period = await page.locator('#forecast-live select[aria-label="Period"]').inputValue();
      const row = rows.find((row) => row.level === 'company' && row.period === period);
      await page.locator('#forecast-live select[aria-label="Category"]').selectOption('commit');
      const heads = await page.locator('#forecast-live th').allInnerTexts();
      const cells = await page.locator('#forecast-live tbody tr').first().locator('td').allInnerTexts();
      const at = (head) => cells[heads.indexOf(head)];
      for (const head of ['Expected', 'p10', 'Median', 'p90', 'Chance to hit quota']) same(at(head), '', head + ' of commit');
      const commit = Number(row.commit), covered = commit / (Number(row.quota) - Number(row.won));
      same(at('Commit'), Math.round(commit).toLocaleString('en-US'), 'commit');
      same(Math.abs(Number(at('Coverage')) - covered) <= 0.05, true, `coverage ${at('Coverage')} of ${covered}`);
      expect((await page.locator('#forecast-live').innerText()).includes('of Commit alone'), 'nothing says that cells are empty');
    });
  },
  async what_a_node_does_not_have_of_a_period_is_said() {
    await opened({}, async (page) => {
      await page.locator('nav a[href="#forecast"]').click();
      const period = page.locator('#forecast-live select[aria-label="Period"]');
      const running = await period.inputValue();
      expect((await page.locator('#gaps-live h2').innerText()).includes(running), 'the gaps do not name their period');
      const known = new Set(table('gaps').map((row) => row.period));
      const other = (await period.locator('option').evaluateAll((all) => all.map((option) => option.value))).find((value) => !known.has(value));
      await period.selectOption(other);
      await page.evaluate(() => { location.hash = 'forecast/company/company'; });
      await page.locator('#forecast-live h2').waitFor();
      const text = await page.locator('#forecast-live').innerText();
      for (const part of [`How its gap comes about (${other})`, `Nothing is broken down for ${other} in USD.`, `Open deals worth most in the period (${running})`, `Single deals are forecast for ${running} only, not for ${other}.`]) expect(text.includes(part), `${part} is not said`);
    });
  },
  async why_nodes_miss_their_quota_follows_the_filters() {
    const gaps = table('gaps'), positions = table('positions'), levels = ['company', 'region', 'team', 'manager', 'owner'];
    await opened({}, async (page) => {
      await page.locator('nav a[href="#forecast"]').click();
      const box = (label) => page.locator(`#forecast-live select[aria-label="${label}"]`);
      const keys = await page.evaluate(() => JSON.parse(document.getElementById('settings').textContent).gap_columns);
      const running = await box('Period').inputValue(), periods = await box('Period').locator('option').evaluateAll((all) => all.map((option) => option.value));
      const seen = () => page.locator('#gaps-live details').evaluateAll((all) => all.flatMap((one) => [...one.querySelectorAll('tbody tr')].map((line) => [one.id.slice(5), ...[...line.cells].map((cell) => cell.textContent)])));
      const listed = async (period, admits, what) => {
        const isPart = positions.some((at) => !admits(at)), admitted = positions.filter(admits);
        const has = (row) => !levels.includes(row.level) ? !isPart : row.level === 'company' || admitted.some((at) => row.level === 'manager' ? JSON.parse(at.managers).includes(row.node) : at[row.level] === row.node);
        const expected = gaps.filter((row) => row.period === period && row.basis === 'base' && has(row));
        const rows = await seen();
        same(rows.length, expected.length, 'gaps of ' + what);
        for (const row of expected) {
          const name = row.level === 'company' ? 'company' : row.node_name;
          const line = rows.find((line) => line[0] === row.level && line[1].toLowerCase() === name.toLowerCase());
          expect(line, `${what}: ${row.level} ${name} is not listed`);
          keys.forEach((key, i) => {
            if (/^(target|expected|gap)/.test(key)) expect(Math.abs(Number(line[i + 2].replaceAll(',', '')) - Number(row[key])) <= 0.5, `${what}: ${key} of ${name} is ${line[i + 2]}, not ${row[key]}`);
            if (key === 'p_hit_quota' && row[key] !== '') expect(Math.abs(parseFloat(line[i + 2]) - 100 * Number(row[key])) <= 0.0501, `${what}: chance of ${name} is ${line[i + 2]}, not ${row[key]}`);
            if (key === 'status' || key === 'main_cause') same(line[i + 2], row[key], `${key} of ${name}`);
          });
        }
        return rows.length;
      };
      let broken = 0;
      for (const period of periods) {
        await box('Period').selectOption(period);
        if (await listed(period, () => true, period)) broken++;
        else expect((await page.locator('#gaps-live').innerText()).includes(`Nothing is broken down for ${period} in USD.`) && (await page.locator('#gaps-live').innerText()).includes(`${running} (USD)`), `${period}: nothing is said`);
      }
      expect(broken > 1, broken + ' periods have gaps');
      await box('Period').selectOption(running);
      for (const key of ['region', 'team', 'owner']) {
        const label = key[0].toUpperCase() + key.slice(1);
        for (const value of new Set(positions.map((at) => at[key]))) {
          await box(label).selectOption(value);
          await listed(running, (at) => at[key] === value, `${key} ${value}`);
        }
        expect((await page.locator('#gaps-live').innerText()).includes('known of everybody together'), key + ': what is left out is not said');
        await box(label).selectOption('');
      }
      await box('Category').selectOption('commit');
      expect((await page.locator('#gaps-live').innerText()).includes('deals of all categories'), 'nothing is said of the category');
      await listed(running, () => true, 'a category');
      await page.locator('#gaps-live details[open] tbody a').first().click();
      await page.locator('#forecast-live h2.node').waitFor();
      expect(!(await page.locator('#gaps-all').isVisible()), 'gaps of all beside those of a node');
    });
  },
  async an_address_that_leads_nowhere_is_told() {
    await opened({}, async (page) => {
      for (const [hash, place] of [['nowhere', '#notice'], ['define/forecast/nothing', '#notice'], ['forecast/team/Nobody', '#forecast-live .warning']]) {
        await page.evaluate((hash) => { location.hash = hash; }, hash);
        await page.locator(place).waitFor();
        expect((await page.locator(place).innerText()).includes(hash.replace('forecast/team', 'team')), `${hash} is not named`);
      }
      await page.evaluate(() => { location.hash = 'gaps-all'; });
      await page.locator('#notice').waitFor({ state: 'hidden' });
    });
  },
  async columns_keep_their_order_and_the_csv_has_people_by_name_and_id() {
    const [deal] = table('scores');
    await opened({ acceptDownloads: true }, async (page) => {
      await page.locator('nav a[href="#pipeline"]').click();
      const heads = () => page.locator('#pipeline-live th').allInnerTexts();
      const before = await heads();
      const frame = await page.locator('#pipeline-live .window').evaluate((frame) => frame.scrollWidth - frame.clientWidth);
      expect(frame <= 0, `the list is ${frame} pixels too wide`);
      await page.locator('#pipeline-live .choose summary').click();
      await page.locator('#pipeline-live .choose input:not(:checked)').first().check();
      same((await heads()).slice(0, before.length), before, 'the order of the columns');
      await page.getByRole('button', { name: 'Board' }).click();
      expect(!(await page.locator('#pipeline-live .choose').isVisible()), 'columns are chosen for cards');
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save what is shown as CSV' }).click()]);
      const [head, ...lines] = readFileSync(await file.path(), 'utf8').trim().split('\n').map((line) => line.split(','));
      const line = lines.find((line) => line[head.indexOf('deal_id')] === deal.deal_id), at = table('positions').find((at) => at.owner === deal.owner);
      same([line[head.indexOf('owner')], line[head.indexOf('owner_name')]], [deal.owner, at.owner_name || at.owner], 'the owner');
    });
  },
  async addresses_open_the_same_view_again() {
    const deal = table('scores')[3], team = table('positions')[0].team;
    for (const [hash, heading] of [[`deal/${deal.deal_id}`, deal.name || deal.deal_id], [`forecast/team/${encodeURIComponent(team)}`, team], ['forecast/team/Nobody', 'Forecast'], ['define/forecast/gap', 'Definitions'], ['stagnation', 'Stagnation']]) {
      await opened({}, async (page) => {
        for (const again of [false, true]) {
          if (again) await page.reload();
          await page.waitForSelector('html[data-ready=yes]');
          same(await page.locator('.view.shown').count(), 1, 'views at ' + hash);
          expect((await page.locator('.view.shown').innerText()).includes(heading), `${hash} does not show ${heading}${again ? ' when loaded again' : ''}`);
        }
      }, `${address}#${hash}`);
    }
  },
  async the_keyboard_alone_filters_lists_and_opens_deals() {
    const deals = table('scores');
    await opened({}, async (page) => {
      const focused = () => page.evaluate(() => {
        const at = document.activeElement;
        return at.getAttribute('aria-label') || (at.tagName === 'INPUT' ? at.type : at.textContent);
      });
      const until = async (what, most = 40) => {
        for (let i = 0; i < most; i++) {
          await page.keyboard.press('Tab');
          if (what(await focused())) return;
        }
        throw new Error('the keyboard does not get to ' + what);
      };
      await until((text) => text === 'Pipeline');
      await page.keyboard.press('Enter');
      await page.locator('#pipeline.shown').waitFor();
      await until((text) => text === 'search');
      await page.keyboard.type('constructor');
      same(await shown(page), deals.filter((deal) => deal.account === 'constructor').length, 'found by typing');
      for (let i = 0; i < 'constructor'.length; i++) await page.keyboard.press('Backspace');
      await until((text) => text === 'Stagnation');
      await page.keyboard.press('ArrowDown');
      const kind = await page.locator('#pipeline-live select[aria-label="Stagnation"]').inputValue();
      same(await shown(page), deals.filter((deal) => deal.stagnation === kind).length, 'filtered by keys: ' + kind);
      await until((text) => text === 'Board');
      await page.keyboard.press('Enter');
      await page.locator('#pipeline-live .lane').first().waitFor();
      await until((text) => deals.some((deal) => deal.name === text || deal.deal_id === text));
      const name = await focused();
      await page.keyboard.press('Enter');
      await page.locator('#deal.shown h1').waitFor();
      same(await focused(), name, 'where the keyboard goes on');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Enter');
      await page.locator('#pipeline.shown .lane').first().waitFor();
      same(await shown(page), deals.filter((deal) => deal.stagnation === kind).length, 'the filter is kept');
    });
  },
  async a_heading_leads_to_its_definition_and_two_groups_stand_side_by_side() {
    await opened({}, async (page) => {
      await page.locator('nav a[href="#funnel"]').click();
      const [a, b] = ['First group', 'Second group'].map((label) => page.locator(`#funnel-live select[aria-label="${label}"]`));
      if (await a.count()) {
        const options = await a.locator('option').evaluateAll((all) => all.map((option) => option.value));
        await a.selectOption(options[0]);
        await b.selectOption(options[options.length - 1]);
        const [cohort, segment] = options[options.length - 1].split('|');
        const stage = await page.locator('#funnel-live tbody tr td').first().innerText();
        const row = table('funnel').find((row) => row.cohort === cohort && row.segment === segment && row.stage === stage);
        const cells = await page.locator('#funnel-live tbody tr').first().locator('td').allInnerTexts();
        same(Number(cells[5].replaceAll(',', '')), Number(row?.entered ?? 0), 'entered of the second group');
      }
      await page.locator('#funnel .static a.def, #funnel a.def').first().click();
      await page.locator('#define.shown .target').waitFor();
    });
  },
  async a_stray_percent_sign_and_a_name_of_the_script_do_no_harm() {
    await opened({}, async (page) => {
      for (const hash of ['forecast/team/50%', '%', 'deal/100%']) {
        await page.evaluate((hash) => { location.hash = hash; }, hash);
        await page.waitForFunction(() => document.querySelectorAll('.view.shown').length === 1);
      }
    }, address + '#50%');
    await opened({}, async (page) => {
      await page.locator('nav a[href="#pipeline"]').click();
      await page.locator('#pipeline-live input[type=search]').fill('constructor');
      const deals = table('scores').filter((deal) => deal.account === 'constructor').length;
      same(await shown(page), deals, 'deals of the account');
      expect(!(await page.locator('#pipeline-live').innerText()).includes('native code'), 'the account is a function');
    });
    await opened({}, async (page) => {
      same(await page.evaluate(() => [named('stage', 'won'), named('account', 'constructor'), named('owner', 'constructor'), named('trend', 'constructor')]), ['won', 'constructor', 'constructor', 'constructor'], 'names');
    }, 'file://' + laidOpen);
  },
  async halves_are_rounded_as_everywhere_else() {
    await opened({}, async (page) => {
      same(await page.evaluate(() => [2.5, 3.5, -2.5, 1234.5, 0.5].map((number) => grouped(number, 0))), ['2', '4', '-2', '1,234', '0'], 'whole');
      same(await page.evaluate(() => [6.25, 18.75, 1.005, 8.345, 0.125].map((number) => grouped(number, number < 6 || number === 8.345 ? 2 : 1))), ['6.2', '18.8', '1.00', '8.35', '0.12'], 'parts');
    }, 'file://' + laidOpen);
  },
  async twenty_thousand_deals_stay_within_the_budget() {
    await withinBudget(large, 100);
  },
  async twenty_thousand_deals_of_many_owners_stay_within_the_budget() {
    await withinBudget(manyOwners, 2500);
  },
  async nothing_is_found_by_axe_in_light_and_dark() {
    for (const colorScheme of ['light', 'dark']) {
      await opened({ colorScheme, bypassCSP: true }, async (page) => {
        await page.evaluate(axe);
        const deal = table('scores')[0].deal_id;
        for (const view of [...views, `deal/${deal}`, 'forecast/company/company', `forecast/team/${encodeURIComponent(table('positions')[0].team)}`, 'board']) {
          const hash = view === 'board' ? 'pipeline' : view;
          await page.evaluate((hash) => { location.hash = hash; }, hash);
          await page.locator(`#${hash.split('/')[0]}.shown`).waitFor();
          if (view === 'board') await page.getByRole('button', { name: 'Board' }).click();
          await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
          const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
          const words = found.violations.map((one) => `${one.id} at ${one.nodes[0].target}`);
          expect(words.length === 0, `${colorScheme} ${view}: ${words.join(', ')}`);
        }
      });
    }
  },
};

Object.assign(tests, reach({ opened, expect, same, table, views, address, french: 'file://' + french }));
Object.assign(tests, looks({ opened, expect, same, table, address, french: 'file://' + french, single: 'file://' + estimated, places: placesOf(views, table), go }));

for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log('ok ' + name);
  } catch (error) {
    console.log(`not ok ${name}: ${String(error.message).split('\n')[0]}`);
  }
}
await browser.close();
