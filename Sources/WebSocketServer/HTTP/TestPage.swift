import HTTP

/// A page at which a person can try the WebSockets of the server; all of it is in one response.
enum TestPage {
  static let response: ServerResponse = {
    var response = ServerResponse.html(page)
    // Nothing but what stands in the page, and connections to this server.
    response.fields[.contentSecurityPolicy] =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
      + "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    response.fields[.xContentTypeOptions] = "nosniff"
    return response
  }()

  private static let page = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>WebSocket test page</title>
    <style>
    body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 42rem; padding: 0 1rem;
      color: #1a1a1a; background: #fff }
    form { display: flex; gap: .5rem; margin: .5rem 0; flex-wrap: wrap }
    input, select { flex: 1; font: inherit; padding: .3rem .5rem; min-width: 8rem }
    button { font: inherit; padding: .3rem .8rem }
    #log { border: 1px solid #999; padding: .5rem; height: 20rem; overflow: auto; white-space: pre-wrap;
      overflow-wrap: anywhere; font: 13px/1.4 ui-monospace, monospace }
    @media (prefers-color-scheme: dark) { body { color: #eee; background: #181818 } }
    </style>
    </head>
    <body>
    <h1>WebSocket test page</h1>
    <p>This server speaks WebSocket (RFC 6455) at the address of this page. Connect, send something, and
    see what comes back.</p>
    <form id="connect">
      <input id="url" aria-label="Address" required>
      <input id="protocol" aria-label="Subprotocol" placeholder="subprotocol">
      <button id="toggle">Connect</button>
    </form>
    <form id="send">
      <input id="message" aria-label="Message" value="Hello" autocomplete="off">
      <select id="kind" aria-label="Kind"><option>text<option>binary</select>
      <button id="submit" disabled>Send</button>
    </form>
    <div id="log" role="log" aria-live="polite"></div>
    <script>
    const byId = id => document.getElementById(id);
    let socket = null;
    byId('url').value = location.href.replace(/^http/, 'ws').replace(/#.*/, '');
    function log(text) {
      const line = document.createElement('div');
      line.textContent = new Date().toISOString().slice(11, 23) + '  ' + text;
      byId('log').append(line);
      while (byId('log').childElementCount > 500) byId('log').firstChild.remove();
      byId('log').scrollTop = byId('log').scrollHeight;
    }
    function show(open) {
      byId('submit').disabled = !open;
      byId('toggle').textContent = open ? 'Close' : 'Connect';
    }
    byId('connect').addEventListener('submit', event => {
      event.preventDefault();
      if (socket) { socket.close(1000, 'done'); return; }
      const wanted = byId('protocol').value.trim();
      try { socket = wanted ? new WebSocket(byId('url').value, wanted.split(/[ ,]+/))
        : new WebSocket(byId('url').value); } catch (error) { log(String(error)); return; }
      socket.binaryType = 'arraybuffer';
      log('connecting');
      socket.onopen = () => { show(true);
        log('open' + (socket.protocol ? ', subprotocol ' + socket.protocol : '')
          + (socket.extensions ? ', extensions ' + socket.extensions : '')); };
      socket.onmessage = event => log('received ' + (typeof event.data === 'string' ? 'text ' + event.data
        : 'binary, ' + event.data.byteLength + ' octets'));
      socket.onclose = event => { show(false); socket = null;
        log('closed, ' + event.code + (event.reason ? ' ' + event.reason : '')
          + (event.wasClean ? '' : ', not cleanly')); };
    });
    byId('send').addEventListener('submit', event => {
      event.preventDefault();
      const text = byId('message').value;
      socket.send(byId('kind').value === 'text' ? text : new TextEncoder().encode(text));
      log('sent ' + byId('kind').value + ' ' + text);
    });
    </script>
    </body>
    </html>
    """
}
