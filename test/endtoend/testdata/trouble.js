// Runs in the page before anything else: cuts and mends its line to the server, as a bad network would. Nothing of the page
// is changed; a local peer connection, as the WebSocket way plays through, is left alone.
(() => {
  const lines = []; // what is open to the server
  const network = { rtc: true, all: true };
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(configuration) {
      // Without a relay there is no candidate, so that the negotiation is agreed on and nothing ever connects.
      super(network.rtc && network.all ? configuration : { ...configuration, iceTransportPolicy: "relay" });
      lines.push(this);
    }
  };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(address, protocols) {
      super(network.all ? address : "ws://127.0.0.1:9/", protocols);
      lines.push(this);
      trouble.sockets += 1;
      network.rtc = true; // the loop that it plays through is made of peer connections
    }
  };
  const trouble = {
    sockets: 0,
    /** WebRTC is agreed on and never opens, until a WebSocket is tried. */
    blockWebRTC: () => {
      network.rtc = false;
    },
    /** Cuts every line, and lets none be opened. */
    cut: () => {
      network.all = false;
      for (const line of lines.splice(0)) line.close();
    },
    mend: () => {
      network.all = true;
    },
  };
  window.trouble = trouble;
})();
