"""Builds a star of N hosts with Mininet, plain links at a Linux bridge, and takes it down: `mininet_star.py N`."""
import json
import sys
import time

from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge

setLogLevel("error")
begin = time.monotonic()
print(json.dumps({"begin": begin * 1000}), flush=True)
net = Mininet(switch=LinuxBridge, controller=None, autoSetMacs=True)
switch = net.addSwitch("s1")
for i in range(int(sys.argv[1])):
    net.addLink(net.addHost(f"h{i}"), switch)
net.start()
print(json.dumps({"up": (time.monotonic() - begin) * 1000}), flush=True)
net.stop()
