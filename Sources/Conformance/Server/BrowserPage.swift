/// The page that tests a browser: one document without any other file.
enum BrowserPage {
  static func text(caseCount: Int) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gauntlet: conformance of WebSocket clients</title>
    <link rel="icon" href="data:,">
    <style>\(style)</style></head><body>
    <header><h1>Gauntlet</h1><p>Conformance of WebSocket clients: \(caseCount) cases are ready.</p>
    </header><main>
    <form id="form"><label for="agent">Name of this browser in the reports</label>
    <input id="agent" maxlength="100" autocomplete="off" spellcheck="false" required>
    <button id="run">Run all cases</button> <button id="stop" type="button" hidden>Stop</button></form>
    <progress id="progress" max="\(caseCount)" value="0" aria-label="Cases played"></progress>
    <p id="state" role="status">Ready.</p>
    <noscript><p>A browser is tested by the page’s script. Other clients need no page: they ask for
    /getCaseCount and /runCase?case=N&amp;agent=NAME on this port.</p></noscript>
    <div id="agents"></div>
    <p id="detail" aria-live="polite">Point at a case to see what it is.</p>
    </main><script>\(script)</script></body></html>

    """
  }

  private static let style = """
    :root{color-scheme:light dark;--line:#8884;--pass:#2a8f4f;--acceptable:#8aa92f;--fail:#d3382f;
    --unsupported:#8a8f98;--informational:#3a7bd5;--error:#9b3fbf}
    body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1.5rem}
    h1{margin:0;font-size:1.6rem}h2{font-size:1.1rem;margin:1.5rem 0 .3rem}
    header p{margin:.2rem 0 1.2rem}
    form{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
    input{flex:1 1 14rem;font:inherit;padding:.35rem .5rem}button{font:inherit;padding:.35rem .9rem}
    progress{width:100%;margin-top:1rem}
    .totals{font-variant-numeric:tabular-nums}.totals b{font-weight:600}
    .group{display:grid;grid-template-columns:7rem 1fr;gap:.6rem;border-top:1px solid var(--line);
    padding:.25rem 0}
    .group>span{font-size:.85rem}.cells{display:flex;flex-wrap:wrap;gap:2px}
    .cell{width:.8rem;height:.8rem;border-radius:2px;background:var(--line);padding:0;border:0}
    .cell.playing{outline:2px solid currentColor;outline-offset:-2px}
    .pass{background:var(--pass)}.acceptable{background:var(--acceptable)}.fail{background:var(--fail)}
    .unsupported{background:var(--unsupported)}.informational{background:var(--informational)}
    .error{background:var(--error)}
    .dot{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin:0 .3rem 0 .9rem}
    #detail{position:sticky;bottom:0;background:Canvas;border-top:1px solid var(--line);
    padding:.5rem 0;min-height:3rem;margin:1rem 0 0}
    """

  private static let script = #"""
    'use strict';
    const $ = id => document.getElementById(id);
    const query = new URLSearchParams(location.search);
    const base = location.origin.replace(/^http/, 'ws');
    const grades = ['pass', 'acceptable', 'fail', 'unsupported', 'informational', 'error'];
    let board = null, playing = new Set(), done = 0, running = false;

    function browserName() {
      const agent = navigator.userAgent;
      for (const [mark, name] of [['Firefox/', 'Firefox'], ['Edg/', 'Edge'], ['OPR/', 'Opera'],
        ['Chrome/', 'Chrome'], ['Version/', 'Safari']]) {
        const at = agent.indexOf(mark);
        if (at >= 0) return name + ' ' + agent.slice(at + mark.length).match(/^[0-9]*/)[0];
      }
      return 'browser';
    }

    function element(name, className, text) {
      const made = document.createElement(name);
      if (className) made.className = className;
      if (text !== undefined) made.textContent = text;
      return made;
    }

    function groups() {
      const found = new Map();
      board.cases.forEach((item, index) => {
        const parts = item.number ? item.number.split('.') : [];
        const key = parts.length ? parts.slice(0, parts.length > 2 ? 2 : 1).join('.') : item.section;
        if (!found.has(key)) found.set(key, {cases: []});
        found.get(key).cases.push(index);
      });
      return found;
    }

    function show() {
      const agents = board.agents.slice(), name = $('agent').value;
      if (running && !agents.some(agent => agent.name === name))
        agents.unshift({name, grades: [], reasons: []});
      const parts = agents.map(agent => {
        const part = element('section');
        part.append(element('h2', '', agent.name));
        const totals = element('p', 'totals');
        for (const grade of grades) {
          const count = agent.grades.filter(found => found === grade).length;
          if (!count) continue;
          totals.append(element('span', 'dot ' + grade), element('b', '', count), ' ' + grade);
        }
        part.append(totals);
        for (const [key, group] of groups()) {
          const row = element('div', 'group');
          row.append(element('span', '', key));
          const cells = element('div', 'cells');
          for (const index of group.cases) {
            const cell = element('i', 'cell ' + (agent.grades[index] || ''));
            if (agent.name === name && playing.has(index)) cell.classList.add('playing');
            cell.dataset.case = index;
            cell.dataset.agent = agent.name;
            cells.append(cell);
          }
          row.append(cells);
          part.append(row);
        }
        return part;
      });
      $('agents').replaceChildren(...parts);
    }

    async function refresh() {
      const answer = await fetch('/status.json');
      board = await answer.json();
      show();
    }

    function play(index, agent) {
      return new Promise(resolve => {
        // A path for each case: after a failed handshake browsers wait before they use it again.
        const place = base + '/runCase/' + (index + 1) + '?agent=' + encodeURIComponent(agent);
        const socket = new WebSocket(place);
        socket.binaryType = 'arraybuffer';
        socket.onmessage = event => socket.send(event.data);
        socket.onclose = resolve;
      });
    }

    function ask(path) {
      return new Promise((resolve, reject) => {
        const socket = new WebSocket(base + path);
        socket.onclose = event => event.wasClean ? resolve() : reject(new Error('no answer'));
      });
    }

    async function lane(queue, agent) {
      while (running && queue.length) {
        const index = queue.shift();
        playing.add(index);
        await play(index, agent);
        playing.delete(index);
        done += 1;
        $('progress').value = done;
        $('state').textContent = done + ' of ' + board.cases.length + ' cases played.';
      }
    }

    // The cases to play: light ones side by side, then what moves much, so that it delays no light
    // one, and at last, one at a time, those that a browser may have been lost at.
    function plan(agent) {
      const mine = query.has('resume') && board.agents.find(found => found.name === agent);
      const plan = {light: [], heavy: [], alone: []};
      board.cases.forEach((item, index) => {
        if (mine && mine.isPlayed[index]) { done += 1; return; }
        const queue = mine && mine.suspects.includes(index) ? 'alone'
          : item.isHeavy ? 'heavy' : 'light';
        plan[queue].push(index);
      });
      return plan;
    }

    async function runAll() {
      const agent = $('agent').value.trim() || browserName();
      $('agent').value = agent;
      running = true; done = 0;
      $('run').disabled = $('agent').disabled = true;
      $('stop').hidden = false;
      let clock = 0;
      try {
        await refresh();
        clock = setInterval(() => refresh().catch(() => {}), 1000);
        const {light, heavy, alone} = plan(agent);
        await Promise.all(Array.from({length: 12}, () => lane(light, agent)));
        await Promise.all(Array.from({length: 8}, () => lane(heavy, agent)));
        await lane(alone, agent);
        await ask('/updateReports?agent=' + encodeURIComponent(agent)
          + (running && query.has('end') ? '&shutdownOnComplete=true' : ''));
        await refresh().catch(() => {});
        $('state').textContent = (running ? 'All' : done + ' of ' + board.cases.length)
          + ' cases are played, and the reports are written.';
        document.title = 'done: ' + document.title;
      } catch (error) {
        $('state').textContent = 'The server does not answer any more: ' + error.message;
      }
      clearInterval(clock);
      running = false;
      $('run').disabled = $('agent').disabled = false;
      $('stop').hidden = true;
    }

    $('agents').addEventListener('mouseover', event => {
      const index = event.target.dataset.case;
      if (index === undefined) return;
      const item = board.cases[index];
      const agent = board.agents.find(agent => agent.name === event.target.dataset.agent);
      const grade = agent && agent.grades[index] || 'not played yet';
      const reason = agent && agent.reasons[index];
      $('detail').textContent = (item.number ? item.number + '  ' : '') + item.id + ' (' + item.section
        + '): ' + item.title + ' — ' + grade + (reason ? ': ' + reason : '');
    });
    $('form').addEventListener('submit', event => { event.preventDefault(); runAll(); });
    $('stop').addEventListener('click', () => { running = false; });
    $('agent').value = query.get('agent') || browserName();
    refresh().then(() => { if (query.has('run')) runAll(); },
      () => { $('state').textContent = 'The server does not answer.'; });
    """#
}
