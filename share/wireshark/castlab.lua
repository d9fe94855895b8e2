-- Wireshark and tshark dissector for the overlay: overlay datagrams and hellos between MRouters, in UDP datagrams or in a TCP stream.
--
--   tshark -X lua_script:share/wireshark/castlab.lua -r lab.pcapng -Y bier -T fields -e castlab.bift_id -e bier.bitstring
--
-- or copied into the folder of personal Lua plugins (Help, About Wireshark, Folders). For another port than 8296 change the preference
-- "castlab.port" (-o castlab.port:9000). Newer versions run no scripts for root: be somebody else. Of frames that were captured in part, as in
-- the run folders of castlab, Lua cannot tell the next dissector how long they were: it calls the length in the inner UDP header bogus.
--
-- A datagram is a BIER header for networks without MPLS (RFC 8296), then an IPv6 packet. The header's first word has no dissector of its own
-- anywhere; the rest goes to Wireshark's, from version 4.4 on, and elsewhere to one here whose fields have the same names. In a TCP stream
-- each datagram follows its length in 16 bits, network order (like RFC 4571).

local DEFAULT_PORT = 8296
local REPLICAST_PORT = 8297 -- of the inner packet
local PROBE_PORT = 8298
local LABEL_BYTES = 4
local FIXED_BYTES = 8 -- of the BIER header after its first word, without the bit string
local HELLO_BYTES = 12 -- without vouches
local VOUCH_BYTES = 4 -- without the bit string
local REDIRECT_BYTES = 12
local PREFIX_BYTES = 2 -- the length before each datagram in a stream
local NIBBLE_BIER = 5
local NIBBLE_HELLO = 1
local NIBBLE_REDIRECT = 2
local PROTO_IPV6 = 6
-- Bytes of the bit string by its length code. Numbers here are made without the operators that only some versions of Lua have.
local STRING_BYTES = { 8, 16, 32, 64, 128, 256, 512 }

local castlab = Proto("castlab", "Overlay between MRouters")

castlab.prefs.port = Pref.uint("UDP and TCP port", DEFAULT_PORT, "Where MRouters listen")

local fields = {
  bift_id = ProtoField.uint24("castlab.bift_id", "BIFT-id", base.DEC, nil, 0xfffff0),
  tc = ProtoField.uint24("castlab.tc", "Traffic class", base.DEC, nil, 0x00000e),
  s = ProtoField.uint24("castlab.s", "S", base.DEC, nil, 0x000001),
  ttl = ProtoField.uint8("castlab.ttl", "TTL", base.DEC),
  bit = ProtoField.uint16("castlab.bit", "Addressed bit", base.DEC),
  length = ProtoField.uint16("castlab.length", "Length in the stream", base.DEC),
  map_digest = ProtoField.uint32("castlab.hello.map_digest", "Digest of the cluster map", base.HEX),
  version = ProtoField.uint8("castlab.hello.version", "Version", base.DEC, nil, 0x0f),
  kind = ProtoField.uint8("castlab.hello.kind", "Kind", base.DEC, { [1] = "hello", [2] = "answer" }),
  sequence = ProtoField.uint32("castlab.hello.sequence", "Sequence number", base.DEC),
  vouch_zone = ProtoField.uint16("castlab.hello.vouch.zone", "Vouches for the zone with index", base.DEC),
  vouch_alive = ProtoField.bytes("castlab.hello.vouch.alive", "Where these targets are alive"),
  owner = ProtoField.ipv4("castlab.redirect.owner", "Who owns the connection"),
}
castlab.fields = fields

local malformed = ProtoExpert.new("castlab.malformed", "No overlay datagram", expert.group.MALFORMED, expert.severity.ERROR)
castlab.experts = { malformed }

-- The dissector of that name, if this Wireshark has one.
local function find_dissector(name)
  local found, dissector = pcall(Dissector.get, name)
  return found and dissector or nil
end

local ipv6 = Dissector.get("ipv6")

-- What Wireshark says of a BIER header in MPLS, without the label before it. Used where Wireshark itself does not know BIER.
local function make_bier_dissector()
  local bier = Proto("bier", "Bit Index Explicit Replication")
  local lengths = {}
  for code, bytes in ipairs(STRING_BYTES) do
    lengths[code] = string.format("%d bits", bytes * 8)
  end
  local f = {
    nibble = ProtoField.uint8("bier.nibble", "Nibble", base.HEX, nil, 0xf0),
    ver = ProtoField.uint8("bier.ver", "Version", base.DEC, nil, 0x0f),
    bsl = ProtoField.uint8("bier.bsl", "BitString Length", base.DEC, lengths, 0xf0),
    entropy = ProtoField.uint24("bier.entropy", "Entropy", base.HEX, nil, 0x0fffff),
    oam = ProtoField.uint8("bier.oam", "OAM", base.HEX, nil, 0xc0),
    rsv = ProtoField.uint8("bier.rsv", "Rsv", base.HEX, nil, 0x30),
    dscp = ProtoField.uint16("bier.dscp", "DSCP", base.HEX, nil, 0x0fc0),
    proto = ProtoField.uint8("bier.proto", "Next Protocol", base.HEX, { [PROTO_IPV6] = "IPv6 packet" }, 0x3f),
    bfir_id = ProtoField.uint16("bier.bfir-id", "BFIR-id", base.DEC),
    bitstring = ProtoField.bytes("bier.bitstring", "BitString"),
  }
  bier.fields = f
  function bier.dissector(tvb, pinfo, root)
    local bytes = FIXED_BYTES + STRING_BYTES[tvb(1, 1):bitfield(0, 4)]
    local tree = root:add(bier, tvb(0, bytes))
    tree:add(f.nibble, tvb(0, 1))
    tree:add(f.ver, tvb(0, 1))
    tree:add(f.bsl, tvb(1, 1))
    tree:add(f.entropy, tvb(1, 3))
    tree:add(f.oam, tvb(4, 1))
    tree:add(f.rsv, tvb(4, 1))
    tree:add(f.dscp, tvb(4, 2))
    tree:add(f.proto, tvb(5, 1))
    tree:add(f.bfir_id, tvb(6, 2))
    tree:add(f.bitstring, tvb(FIXED_BYTES, bytes - FIXED_BYTES))
    ipv6:call(tvb(bytes):tvb(), pinfo, root)
  end
  return bier.dissector
end

local bier = find_dissector("bier.mpls") or find_dissector("bier") or make_bier_dissector()

-- Bytes of the whole header of a datagram, nil when it has none that can be read.
local function header_bytes(tvb)
  if tvb:len() < LABEL_BYTES + FIXED_BYTES then return nil end
  local string_bytes = STRING_BYTES[tvb(5, 1):bitfield(0, 4)]
  if tvb(4, 1):bitfield(0, 4) ~= NIBBLE_BIER or not string_bytes then return nil end
  local bytes = LABEL_BYTES + FIXED_BYTES + string_bytes
  return bytes <= tvb:len() and bytes or nil
end

local function has_nibble(tvb, nibble)
  return tvb:len() > LABEL_BYTES and tvb(4, 1):bitfield(0, 4) == nibble
end

-- The bits that are set, as fields without bytes of their own: castlab.bit == 3 finds the datagrams for member 3.
local function add_bits(tree, range)
  local bits = range:len() * 8
  for bit = 0, bits - 1 do
    if range:bitfield(bits - 1 - bit, 1) == 1 then
      tree:add(fields.bit, range(range:len() - 1 - math.floor(bit / 8), 1), bit):set_generated()
    end
  end
end

local function dissect_hello(tvb, pinfo, tree)
  if tvb:len() < HELLO_BYTES then
    tree:add_proto_expert_info(malformed, "a hello has 12 bytes at least")
    return
  end
  tree:add(fields.map_digest, tvb(0, 4))
  tree:add(fields.version, tvb(4, 1))
  tree:add(fields.kind, tvb(5, 1))
  tree:add(fields.sequence, tvb(8, 4))
  pinfo.cols.info = tvb(5, 1):uint() == 1 and "Hello" or "Answer to a hello"
  local at = HELLO_BYTES
  for _ = 1, tvb(6, 2):uint() do
    local bytes = at + VOUCH_BYTES <= tvb:len() and tvb(at + 2, 2):uint()
    if not bytes or at + VOUCH_BYTES + bytes > tvb:len() then
      tree:add_proto_expert_info(malformed, "fewer vouches than it says")
      return
    end
    tree:add(fields.vouch_zone, tvb(at, 2))
    if bytes > 0 then tree:add(fields.vouch_alive, tvb(at + VOUCH_BYTES, bytes)) end
    at = at + VOUCH_BYTES + bytes
  end
end

-- The first and last word of who listens on a connection that another host of its zone owns.
local function dissect_redirect(tvb, pinfo, tree)
  if tvb:len() ~= REDIRECT_BYTES then
    tree:add_proto_expert_info(malformed, "a redirect has 12 bytes")
    return
  end
  tree:add(fields.owner, tvb(8, 4))
  pinfo.cols.info = "Redirect to the owner of the connection"
end

-- One datagram, without the length before it.
local function dissect_datagram(tvb, pinfo, root)
  pinfo.cols.protocol = "castlab"
  local header = header_bytes(tvb)
  local tree = root:add(castlab, tvb(0, header and LABEL_BYTES or tvb:len()))
  if has_nibble(tvb, NIBBLE_HELLO) then return dissect_hello(tvb, pinfo, tree) end
  if has_nibble(tvb, NIBBLE_REDIRECT) then return dissect_redirect(tvb, pinfo, tree) end
  if not header then
    tree:add_proto_expert_info(malformed)
    return
  end
  tree:add(fields.bift_id, tvb(0, 3))
  tree:add(fields.tc, tvb(0, 3))
  tree:add(fields.s, tvb(0, 3))
  tree:add(fields.ttl, tvb(3, 1))
  add_bits(tree, tvb(LABEL_BYTES + FIXED_BYTES, header - LABEL_BYTES - FIXED_BYTES))
  bier:call(tvb(LABEL_BYTES):tvb(), pinfo, root)
end

function castlab.dissector(tvb, pinfo, root)
  dissect_datagram(tvb, pinfo, root)
  return tvb:len()
end

-- The same in a stream.
local stream = Proto("castlab_stream", "Overlay between MRouters, in a stream")

function stream.dissector(tvb, pinfo, root)
  -- Something else may have the port, TLS for one: a datagram shows its nibble.
  if tvb:len() > PREFIX_BYTES + LABEL_BYTES then
    local nibble = tvb(PREFIX_BYTES + 4, 1):bitfield(0, 4)
    if nibble ~= NIBBLE_BIER and nibble ~= NIBBLE_HELLO and nibble ~= NIBBLE_REDIRECT then return 0 end
  end
  local length_of = function(at, _, offset)
    return PREFIX_BYTES + at(offset, PREFIX_BYTES):uint()
  end
  local dissect = function(at)
    root:add(castlab, at(0, PREFIX_BYTES)):add(fields.length, at(0, PREFIX_BYTES))
    dissect_datagram(at(PREFIX_BYTES):tvb(), pinfo, root)
    return at:len()
  end
  dissect_tcp_pdus(tvb, root, PREFIX_BYTES, length_of, dissect)
  return tvb:len()
end

local udp_ports = DissectorTable.get("udp.port")
local tcp_ports = DissectorTable.get("tcp.port")
local tls_ports = DissectorTable.get("tls.port")
local port

local function listen()
  if port == castlab.prefs.port then return end
  if port then
    udp_ports:remove(port, castlab)
    tcp_ports:remove(port, stream)
    tls_ports:remove(port, stream)
  end
  port = castlab.prefs.port
  udp_ports:add(port, castlab)
  tcp_ports:add(port, stream)
  tls_ports:add(port, stream)
end

castlab.prefs_changed = listen
listen()

-- What Replicast and probes carry may begin with any bytes: no guesses.
for _, inner in ipairs({ REPLICAST_PORT, PROBE_PORT }) do udp_ports:add(inner, Dissector.get("data")) end
