// check.mjs BROWSER AXE WORK PAGE... - every page at two widths, light and dark: no message on the
// console, no request but for the page, no violation that axe-core finds, nothing wider than the window,
// reached by keyboard, whole without scripts. Talks to the browser through its pipe.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [browser, axeFile, work, ...pages] = process.argv.slice(2);
const widths = [400, 1400];
const schemes = ['light', 'dark'];
const axe = readFileSync(axeFile, 'utf8');
const profile = mkdtempSync(join(tmpdir(), 'salcheck-browser-'));

const child = spawn(browser, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank',
], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });

let last = 0, rest = '', events = [];
const waiting = new Map();

child.stdio[4].setEncoding('utf8').on('data', (text) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop();
    for (const part of parts) {
        const message = JSON.parse(part);
        if (!message.id) { events.push(message); continue; }
        const { done, failed } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) failed(new Error(message.error.message));
        else done(message.result);
    }
});

let code = 1;
let ending = false;

// The profile can go only when the browser has.
child.on('exit', () => {
    if (!ending) console.log('the browser has ended');
    try {
        rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    } catch (error) { // its helpers end later than it does, and what they leave is no fault of a page
        console.log(`${profile} stays: ${error.code}`);
    }
    process.exit(code);
});

function end(with_code) {
    code = with_code;
    ending = true;
    call('Browser.close').catch(() => {}); // lets its helpers end too
    setTimeout(() => child.kill(), 5000).unref();
}

const limit = setTimeout(() => { console.log('no answer for 120 s'); end(1); }, 120000);

function call(method, params = {}, sessionId = undefined) {
    const id = ++last;
    child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
    return new Promise((done, failed) => waiting.set(id, { done, failed }));
}

async function until(test) {
    while (!test()) await new Promise((done) => setTimeout(done, 10));
}

const trouble = [];
const complain = (where, text) => trouble.push(`${where}: ${text}`);

// What the browser said since the page was asked for.
function listen(where, url) {
    for (const { method, params } of events) {
        if (method === 'Runtime.consoleAPICalled')
            complain(where, `console: ${params.args.map((a) => a.value ?? a.description).join(' ')}`);
        if (method === 'Runtime.exceptionThrown')
            complain(where, `exception: ${params.exceptionDetails.text}`);
        if (method === 'Log.entryAdded')
            complain(where, `log: ${params.entry.text}`);
        if (method === 'Network.requestWillBeSent' && params.request.url !== url &&
            !params.request.url.startsWith('data:'))
            complain(where, `asks for ${params.request.url}`);
    }
}

async function value(session, expression) {
    const { result, exceptionDetails } = await call('Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true }, session);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
}

async function press(session, key, code) {
    const params = { key, code: key, windowsVirtualKeyCode: code };
    if (key === 'Enter') params.text = '\r';
    await call('Input.dispatchKeyEvent', { type: 'keyDown', ...params }, session);
    await call('Input.dispatchKeyEvent', { type: 'keyUp', ...params }, session);
}

// The first stop of the keyboard is the link to the results, and it leads there.
async function keyboard(session, where) {
    await press(session, 'Tab', 9);
    const first = await value(session, 'document.activeElement.className');
    if (first !== 'skip') complain(where, `the first Tab leads to "${first}", not to the skip link`);
    await press(session, 'Enter', 13);
    const then = await value(session, 'new Promise((f) => setTimeout(() => f(document.activeElement.id), 50))');
    if (then !== 'main') complain(where, `the skip link leads to "${then}"`);
}

async function inspect(session, where) {
    const wide = await value(session, 'document.documentElement.scrollWidth - innerWidth');
    if (wide > 0) complain(where, `${wide} pixels wider than the window`);
    const scripts = await value(session, 'document.scripts.length');
    if (scripts) complain(where, `${scripts} scripts`);
    const broken = await value(session,
        '[...document.images].filter((i) => !i.complete || !i.naturalWidth).length');
    if (broken) complain(where, `${broken} pictures do not show`);
    await value(session, `${axe}; 0`);
    const found = await value(session, `axe.run(document, { resultTypes: ['violations'] }).then((r) =>
        r.violations.map((v) => v.id + ': ' + v.help + ': ' + v.nodes.length + ' times, such as ' +
            v.nodes[0].html.slice(0, 200)))`);
    for (const text of found) complain(where, text);
}

async function look(page, width, scheme) {
    const where = `${basename(page)} at ${width}, ${scheme}`;
    const url = pathToFileURL(resolve(page)).href;
    const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await call(`${domain}.enable`, {}, sessionId);
    await call('Emulation.setDeviceMetricsOverride',
        { width, height: 900, deviceScaleFactor: 1, mobile: false }, sessionId);
    await call('Emulation.setEmulatedMedia',
        { features: [{ name: 'prefers-color-scheme', value: scheme }] }, sessionId);
    events = [];
    await call('Page.navigate', { url }, sessionId);
    await until(() => events.some((e) => e.method === 'Page.loadEventFired'));
    await keyboard(sessionId, where);
    await inspect(sessionId, where);
    listen(where, url);
    await value(sessionId, 'document.activeElement.blur(), scrollTo(0, 0)');
    const { data } = await call('Page.captureScreenshot',
        { captureBeyondViewport: true, clip: { x: 0, y: 0, width, height: await value(sessionId,
            'Math.min(document.documentElement.scrollHeight, 6000)'), scale: 1 } }, sessionId);
    const shot = `${basename(page).replace(/\W+/g, '-')}-${width}-${scheme}.png`;
    writeFileSync(join(work, shot), Buffer.from(data, 'base64'));
    await call('Target.closeTarget', { targetId });
}

try {
    for (const page of pages)
        for (const width of widths)
            for (const scheme of schemes) await look(page, width, scheme);
} catch (error) {
    complain('browser', error.stack);
}
clearTimeout(limit);
for (const text of trouble) console.log(text);
console.log(`${pages.length} pages, ${widths.length} widths, ${schemes.length} schemes: ` +
    `${trouble.length} complaints; pictures in ${work}`);
end(trouble.length ? 1 : 0);
