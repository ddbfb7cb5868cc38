#!/usr/bin/env bash
# unleash-client 6.12.1 (Node.js) and yggdrasil-engine 2.0.0 (the engine of Unleash's Python SDK and of its Edge): a gradual rollout by
# userId gives the same users in both, as long as the id is ASCII. The Node SDK hashes the low byte of each UTF-16 unit, the engine the
# bytes of UTF-8: with one letter such as "é" in the id a user is in the rollout in one service and outside in the other.
#
# Seen, the percentage from which on a user is in: jose 12 and 12; josé 45 and 33, müller 30 and 50.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund unleash-client@6.12.1
python3 -m venv python
python/bin/pip install --quiet yggdrasil-engine==2.0.0
cat > threshold.cjs <<'JS'
const { default: FlexibleRolloutStrategy } = require('unleash-client/lib/strategy/flexible-rollout-strategy');
const strategy = new FlexibleRolloutStrategy();
const isIn = (userId, rollout) => strategy.isEnabled({ rollout, stickiness: 'userId', groupId: 'g' }, { userId });
const threshold = (userId) => Array.from({ length: 101 }, (_, percent) => percent).find((percent) => isIn(userId, percent));
console.log(['jose', 'josé', 'müller'].map((userId) => `${userId} ${threshold(userId)}`).join(', '));
JS
cat > threshold.py <<'PY'
import json
from yggdrasil_engine.engine import UnleashEngine
def strategy(percent):
    return {'name': 'flexibleRollout', 'parameters': {'rollout': str(percent), 'stickiness': 'userId', 'groupId': 'g'}}
features = [{'name': str(p), 'enabled': True, 'type': 'release', 'strategies': [strategy(p)]} for p in range(101)]
engine = UnleashEngine()
engine.take_state(json.dumps({'version': 2, 'features': features}))
def threshold(user_id):
    return next(p for p in range(101) if engine.is_enabled(str(p), {'userId': user_id}).is_enabled)
print(', '.join(f'{u} {threshold(u)}' for u in ['jose', 'josé', 'müller']))
PY
node=$(node threshold.cjs)
python=$(python/bin/python threshold.py)
echo "unleash-client 6.12.1: $node"
echo "yggdrasil-engine 2.0.0: $python"
[ "$node / $python" = 'jose 12, josé 45, müller 30 / jose 12, josé 33, müller 50' ] || { echo 'This has changed.'; exit 1; }
