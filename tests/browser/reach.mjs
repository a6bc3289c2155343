// Whether everybody gets to what the page says: by its accessibility tree, and with long names on a phone.

// The places people go to, and how.
export function placesOf(views, table) {
  const [deal] = table('scores').filter((deal) => deal.name.length > 50);
  const owner = table('positions').find((at) => at.owner_name.length > 50);
  return [...views, `deal/${deal.deal_id}`, `forecast/owner/${owner.owner}`, 'forecast/company/company', 'board'];
}
export async function go(page, place) {
  const hash = place === 'board' ? 'pipeline' : place;
  await page.evaluate((hash) => { location.hash = hash; }, hash);
  await page.locator(`#${hash.split('/')[0]}.shown`).waitFor();
  const wanted = page.locator('#pipeline-live button[aria-pressed]').nth(place === 'board' ? 1 : 0);
  if (hash === 'pipeline' && await wanted.getAttribute('aria-pressed') === 'false') await wanted.click();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

// The nodes of the accessibility tree that are said, with role, name, level and their children.
async function treeOf(page) {
  const client = await page.context().newCDPSession(page);
  const { nodes } = await client.send('Accessibility.getFullAXTree');
  await client.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const said = nodes.filter((node) => !node.ignored).map((node) => {
    const property = (name) => (node.properties || []).find((one) => one.name === name)?.value.value;
    return { id: node.nodeId, role: node.role?.value, name: (node.name?.value || '').trim(), level: property('level'), focusable: property('focusable') };
  });
  const inside = (id) => (byId.get(id).childIds || []).filter((child) => byId.has(child)).flatMap((child) => [byId.get(child), ...inside(child)]);
  return { said, inside };
}

const CONTROLS = ['button', 'link', 'searchbox', 'textbox', 'combobox', 'checkbox', 'DisclosureTriangle'];
const FRAMES = ['region', 'figure', 'navigation'];

function faultsOf({ said, inside }) {
  const faults = [];
  for (const node of said) {
    if ((CONTROLS.includes(node.role) || FRAMES.includes(node.role) || node.focusable && node.role !== 'RootWebArea') && !node.name && node.role !== 'option') faults.push(`a ${node.role} has no name`);
    if (node.role === 'image' && !/\d/.test(node.name)) faults.push(`the chart "${node.name}" says no number`);
    if (node.role === 'table') {
      if (!node.name) faults.push('a table has no caption');
      const cells = inside(node.id).filter((one) => !one.ignored).map((one) => one.role?.value);
      if (!cells.some((role) => role === 'columnheader' || role === 'rowheader')) faults.push(`the table "${node.name}" has no headings`);
      if (!cells.some((role) => role === 'cell' || role === 'gridcell')) faults.push(`the table "${node.name}" has no cells`);
    }
  }
  const levels = said.filter((node) => node.role === 'heading').map((node) => node.level);
  if (levels.filter((level) => level === 1).length !== 1 || levels[0] !== 1) faults.push(`headings begin with ${levels.slice(0, 3)}`);
  levels.forEach((level, i) => { if (i && level > levels[i - 1] + 1) faults.push(`a heading of level ${level} follows one of level ${levels[i - 1]}`); });
  return [...new Set(faults)];
}

export function reach({ opened, expect, same, table, views, address, french }) {
  const places = placesOf(views, table);
  return {
    async the_accessibility_tree_names_everything_in_english_and_french() {
      let tables = 0, charts = 0, found = [];
      for (const file of [address, french]) {
        for (const width of [1280, 390]) {
          await opened({ viewport: { width, height: 900 } }, async (page) => {
            for (const place of places) {
              await go(page, place);
              const tree = await treeOf(page);
              tables += tree.said.filter((node) => node.role === 'table').length;
              charts += tree.said.filter((node) => node.role === 'image').length;
              found.push(...faultsOf(tree).map((fault) => `${file === french ? 'French ' : ''}${place} at ${width}: ${fault}`));
            }
          }, file);
        }
      }
      expect(tables > 60 && charts > 40, `${tables} tables and ${charts} charts were looked at`);
      expect(!found.length, found.slice(0, 12).join('; '));
    },
    async what_a_filter_finds_is_said_in_a_place_that_stays() {
      await opened({}, async (page) => {
        for (const view of ['forecast', 'pipeline', 'funnel']) {
          await go(page, view);
          const status = page.locator(`#${view}-live [role=status]`);
          same(await status.count(), 1, 'places of ' + view);
          const place = await status.elementHandle(), before = await place.innerText();
          const select = page.locator(`#${view}-live select`).first();
          const options = await select.locator('option').evaluateAll((all) => all.filter((option) => !option.selected).map((option) => option.value));
          await select.selectOption(options[0]);
          expect(await place.evaluate((element) => element.isConnected), view + ': another place');
          expect(before.length > 0 && (await place.innerText()) !== before, `${view}: still ${before}`);
        }
      });
    },
    async whoever_goes_somewhere_goes_on_from_its_heading() {
      await opened({}, async (page) => {
        const titles = new Set();
        for (const place of places.filter((place) => place !== 'board').slice(1)) {
          await go(page, place);
          const [at, name] = await page.evaluate(() => [document.activeElement.tagName, document.activeElement.textContent]);
          expect(/^H[12]$/.test(at), `${place}: the focus is on ${at}`);
          expect((await page.title()).startsWith(name), `${place} is called ${await page.title()}`);
          titles.add(await page.title());
        }
        same(titles.size, places.length - 2, 'different titles');
        await page.goBack();
        await page.waitForFunction(() => document.activeElement.tagName === 'H2');
      });
    },
    async long_names_are_wrapped_or_lead_to_where_they_stand_whole() {
      const long = table('scores').filter((deal) => deal.name.length > 50), owner = table('positions').find((at) => at.owner_name.length > 50);
      for (const colorScheme of ['light', 'dark']) {
        await opened({ viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme }, async (page) => {
          for (const place of places) {
            await go(page, place);
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            expect(over <= 0, `${place} is ${over} pixels too wide`);
            const cut = await page.evaluate(() => {
              const hides = (element) => getComputedStyle(element).overflowX === 'hidden' && element.clientWidth > 1 && element.scrollWidth > element.clientWidth;
              const cells = [...document.querySelectorAll('.view.shown *')].filter((element) => hides(element) && !(element.closest('.window tr') && element.closest('tr').querySelector('a[href^="#deal/"]')));
              const words = [...document.querySelectorAll('.view.shown svg text')].filter((text) => {
                const at = text.getBoundingClientRect(), frame = text.ownerSVGElement.getBoundingClientRect();
                return at.width && (at.left < frame.left - 1 || at.right > frame.right + 1);
              });
              return cells.concat(words).map((element) => element.textContent);
            });
            expect(!cut.length, `${place}: cut are ${cut.slice(0, 5).join(', ')}`);
          }
          await go(page, 'deal/' + long[0].deal_id);
          const said = await page.locator('#deal-live').innerText();
          for (const name of [long[0].name, long[0].stage]) expect(said.includes(name), name + ' is not on the page of the deal');
          await go(page, 'forecast/owner/' + owner.owner);
          expect((await page.locator('#forecast-live h2').innerText()).includes(owner.owner_name), 'the owner');
        });
      }
    },
    async without_scripts_long_names_are_whole() {
      await opened({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false }, async (page) => {
        const text = await page.locator('main').innerText();
        const owner = table('positions').find((at) => at.owner_name.length > 50);
        expect(text.includes(owner.owner_name), 'the owner');
        // Playwright evaluates in a world of its own, which the page's switch does not stop.
        const over = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, [...document.querySelectorAll('main td, main th')].filter((cell) => getComputedStyle(cell).overflowX === 'hidden' && cell.clientWidth > 1 && cell.scrollWidth > cell.clientWidth).length]);
        same(over, [0, 0], 'pixels too wide, cells that are cut');
      });
    },
  };
}
