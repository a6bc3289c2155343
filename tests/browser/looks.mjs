// Whether what the page says can be seen at the widths people have, and in one way of writing.

export function looks({ opened, expect, same, table, address, french, single, places, go }) {
  const widths = [1440, 1200, 1100, 1000, 768, 390];
  return {
    async the_forecast_moves_first_and_the_pipeline_is_called_so() {
      const whole = (text) => Number(text).toLocaleString('en', { maximumFractionDigits: 0, roundingMode: 'halfEven' });
      await opened({}, async (page) => {
        const headings = await page.locator('#monday h2').allInnerTexts();
        const at = ['How the forecast moved over the last runs', 'Five things to do', 'How the open pipeline moved'].map((title) => headings.indexOf(title));
        expect(at[0] === 0 && at[1] > 0 && at[2] > at[1], `the headings are ${headings.join(', ')}`);
        const said = async (label) => (await page.locator(`#monday figure[aria-label^="${label}"] svg`).getAttribute('aria-label'));
        const runs = table('forecast_runs').filter((row) => row.level === 'company' && row.currency === 'USD');
        expect(runs.length > 1, runs.length + ' runs');
        const [expected, chance] = [await said('Expected with its'), await said('Chance to hit')];
        for (const run of runs) {
          const words = `${run.run_as_of}: ${whole(run.expected)} USD (${whole(run.p10)} USD – ${whole(run.p90)} USD)`;
          expect(expected.includes(words), `${words} is not among ${expected}`);
          expect(chance.includes(`${run.run_as_of}: ${(100 * run.p_hit_quota).toFixed(1)}%`), `${run.p_hit_quota} of ${run.run_as_of} is not among ${chance}`);
        }
        expect((await said('Expected, ')).includes('Start'), 'the bridge of what is expected has no start');
        const bridges = await page.locator('#monday figure[aria-label$="(USD)"]').evaluateAll((all) => all.map((one) => one.ariaLabel.startsWith('Expected, ')));
        same(bridges, [true, false], 'bridges of what is expected');
      });
      await opened({}, async (page) => {
        expect((await page.locator('#monday').innerText()).includes('No earlier run is on record.'), 'of a single run nothing is said');
      }, single);
    },
    async tiles_stand_in_full_rows() {
      for (const width of widths) {
        await opened({ viewport: { width, height: 900 } }, async (page) => {
          const tops = await page.locator('#monday .tile').evaluateAll((tiles) => tiles.map((tile) => tile.offsetTop));
          const rows = [...new Set(tops)].map((top) => tops.filter((other) => other === top).length);
          expect(rows.every((row) => row === rows[0]), `at ${width} rows of ${rows} tiles`);
        });
      }
    },
    // What is wider than its place is in a frame that scrolls, has a name, is reached by keys, and shows at its edge that
    // it goes on.
    async nothing_is_cut_without_a_way_to_it() {
      const found = [];
      for (const file of [address, french]) {
        for (const width of widths) {
          await opened({ viewport: { width, height: 900 } }, async (page) => {
            for (const place of places) {
              await go(page, place);
              const cut = await page.evaluate((width) => {
                const seen = [...document.querySelectorAll('.view.shown *')].filter((element) => element.checkVisibility() && !element.closest('svg svg, .unseen, caption'));
                const name = (element) => `${element.tagName}.${element.className.baseVal ?? element.className} "${(element.ariaLabel || element.textContent).slice(0, 40)}"`;
                const frame = (element) => {
                  for (let at = element; at; at = at.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(at).overflowX)) return at;
                };
                const isDeal = (element) => element.closest('.window tr')?.querySelector('a[href^="#deal/"]');
                return seen.flatMap((element) => {
                  const style = getComputedStyle(element), wide = element.scrollWidth - element.clientWidth > 1 && element.clientWidth > 1;
                  if (wide && ['auto', 'scroll'].includes(style.overflowX)) {
                    const named = element.ariaLabel && element.tabIndex === 0 && (element.role === 'region' || element.tagName === 'FIGURE');
                    return named && style.backgroundImage.split('linear-gradient').length === 5 ? [] : [`no way into ${name(element)}`];
                  }
                  if (wide && style.overflowX === 'hidden' && !isDeal(element)) return [`${name(element)} is cut`];
                  const at = element.getBoundingClientRect();
                  return at.width && at.right > width + 1 && !frame(element) ? [`${name(element)} ends at ${at.right}`] : [];
                });
              }, width);
              found.push(...cut.map((one) => `${file === french ? 'French ' : ''}${place} at ${width}: ${one}`));
            }
          }, file);
        }
      }
      expect(!found.length, `${found.length}: ${found.slice(0, 8).join('; ')}`);
    },
    async names_of_deals_have_room_in_the_list() {
      for (const width of [1440, 1100, 768]) {
        await opened({ viewport: { width, height: 900 } }, async (page) => {
          await go(page, 'pipeline');
          const cut = await page.locator('#pipeline-live td.lead').evaluateAll((cells) => cells.filter((cell) => cell.textContent.length <= 33 && cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent));
          expect(await page.locator('#pipeline-live td.lead').count() > 5, 'no names');
          expect(!cut.length, `at ${width} cut are ${cut.slice(0, 4).join(', ')}`);
        });
      }
    },
    async numbers_and_days_of_a_deal_are_written_in_one_way() {
      for (const [file, day, amount] of [[address, /^\d{4}-\d\d-\d\d$/, /^\d{1,3}(,\d{3})*$/], [french, /^\d\d\/\d\d\/\d{4}$/, /^\d{1,3}(\u202f\d{3})*$/]]) {
        const events = new Set();
        await opened({}, async (page) => {
          const kinds = await page.evaluate(() => JSON.parse(document.getElementById('settings').textContent).values);
          const called = (kind) => kinds[kind] || kind;
          for (const one of table('scores').slice(0, 12)) {
            await go(page, 'deal/' + one.deal_id);
            const rows = await page.locator('#deal-live table.grid tbody tr').evaluateAll((lines) => lines.map((line) => [...line.cells].map((cell) => cell.textContent)));
            for (const [on, event, from, to] of rows) {
              events.add(event);
              expect(day.test(on), `${event} on ${on}`);
              const form = { [called('close date')]: day, [called('amount')]: amount, [called('score')]: /^\d+[\u202f\u00a0 ]?%$/ }[event];
              for (const value of [from, to]) expect(!form || !value || form.test(value), `${event} ${value} of ${one.deal_id}`);
            }
          }
          for (const event of ['close date', 'amount']) expect(events.has(called(event)), `no ${called(event)} among ${[...events]}`);
        }, file);
      }
    },
  };
}
