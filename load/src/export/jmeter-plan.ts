import { escaped } from '../report/escape.ts';
import type { ExportedLoad, ExportedRequest } from './exported-load.ts';
import { jmeterSchedule } from './jmeter-schedule.ts';

/** A crowd that has not joined by then never will. */
const joiningMaxMs = 600_000;
/** Whatever the server says, it is asked again after that long. */
const waitMaxMs = 5_000;

/** A plan for Apache JMeter, 5.5 or newer: its open model group sends the same mix at the same rates. */
export function jmeterPlan(load: ExportedLoad): string {
  const { players, timeoutSeconds, requests, join, name, baseUrl } = load;
  const url = new URL(baseUrl);
  const timeoutMs = Math.round(timeoutSeconds * 1_000);
  const server = element('ConfigTestElement', 'HttpDefaultsGui', 'The server', [
    string('HTTPSampler.domain', `\${__P(host,${url.hostname})}`),
    string(
      'HTTPSampler.port',
      `\${__P(port,${url.port || (url.protocol === 'https:' ? 443 : 80)})}`,
    ),
    string('HTTPSampler.protocol', `\${__P(protocol,${url.protocol.replace(':', '')})}`),
    string('HTTPSampler.connect_timeout', String(timeoutMs)),
    string('HTTPSampler.response_timeout', String(timeoutMs)),
    '<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>',
  ]);
  const setUp = element('SetupThreadGroup', 'SetupThreadGroupGui', 'Players join', [
    string('ThreadGroup.num_threads', '1'),
    string('ThreadGroup.ramp_time', '0'),
    string('ThreadGroup.on_sample_error', 'continue'),
    // Until all have joined: the script ends the thread.
    `<elementProp name="ThreadGroup.main_controller" elementType="LoopController">${string('LoopController.loops', '-1')}<boolProp name="LoopController.continue_forever">false</boolProp></elementProp>`,
  ]);
  const joining = [
    sampler('player joins', join.method, join.path, true),
    tree([
      ...jsonHeader(false),
      ...joinName(load),
      ...groovy('JSR223PostProcessor', 'Keep the token', keepToken(players)),
    ]),
  ];
  const groups = requests.flatMap((request, index) => group(load, request, index));
  const plan = element('TestPlan', 'TestPlanGui', name.replaceAll('${', '$ {'), [
    '<boolProp name="TestPlan.serialize_threadgroups">false</boolProp>',
    '<elementProp name="TestPlan.user_defined_variables" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>',
  ]);
  const inside = tree([server, tree([]), setUp, tree(joining), ...groups]);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by "hunt load" from a scenario and the server's API. Run it with: jmeter -n -t FILE -l results.jtl -->
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.5">
${tree([plan, inside])}
</jmeterTestPlan>
`;
}

/**
 * What the one who lets the players join does with each answer. The groups that follow count their time from
 * when JMeter began: how long joining took is kept for them, and they begin with as long a pause.
 */
function keepToken(players: number): string[] {
  return [
    "if (vars.get('joining') == null) {",
    "  vars.put('joining', 'yes')",
    "  props.put('load.tokens', new java.util.concurrent.CopyOnWriteArrayList())",
    '}',
    "def tokens = props.get('load.tokens')",
    'def took = System.currentTimeMillis() - org.apache.jmeter.threads.JMeterContextService.testStartTime',
    'def token = (prev.responseDataAsString =~ /"token":"([^"]+)"/)',
    "if (prev.responseCode == '201' && token.find()) tokens.add(token.group(1))",
    `else if (prev.responseCode in ['429', '503'] && took < ${joiningMaxMs}) {`,
    '  // The server lets some join and has the others wait: that is no error.',
    '  def after = (prev.responseHeaders =~ /(?im)^retry-after: *(\\d{1,4})/)',
    `  Thread.sleep(Math.min(${waitMaxMs}L, after.find() ? 1000L * (after.group(1) as long) : 100L))`,
    '  prev.setIgnore()',
    '} else {',
    '  prev.successful = false',
    '  prev.stopTestNow = true',
    '}',
    "props.put('load.joining', String.valueOf(Math.max(1L, System.currentTimeMillis() - org.apache.jmeter.threads.JMeterContextService.testStartTime)))",
    `if (tokens.size() >= ${players}) prev.stopThread = true`,
  ];
}

/** As the load generator judges: a refusal by a rule of the hunt is a decision, one that is not known yet is none. */
const judge = [
  "def isDecided = prev.responseCode != '202' && (prev.responseCode ==~ /2\\d\\d/ || prev.responseDataAsString.contains('\"commandId\"'))",
  'prev.successful = isDecided',
];

/** A group of arrivals with its share of the rate. */
function group(load: ExportedLoad, request: ExportedRequest, index: number): string[] {
  const { action, share, method, path, isPlayers, bodies } = request;
  // Not all groups round up in the same moment.
  const schedule = jmeterSchedule(load, share, (index + 0.5) / load.requests.length);
  const openModel = element(
    'org.apache.jmeter.threads.openmodel.OpenModelThreadGroup',
    'org.apache.jmeter.threads.openmodel.gui.OpenModelThreadGroupGui',
    action,
    [
      string('OpenModelThreadGroup.schedule', schedule),
      '<elementProp name="ThreadGroup.main_controller" elementType="org.apache.jmeter.threads.openmodel.OpenModelThreadGroupController"/>',
    ],
  );
  const decided = groovy('JSR223PostProcessor', 'Decided, or not', judge);
  if (action === 'join') {
    const inside = [...jsonHeader(false), ...joinName(load), ...decided];
    return [openModel, tree([sampler(action, method, path, true), tree(inside)])];
  }
  const choose = groovy('JSR223PreProcessor', 'Who sends what', [
    'def random = java.util.concurrent.ThreadLocalRandom.current()',
    "def tokens = props.get('load.tokens')",
    "vars.put('token', tokens[random.nextInt(tokens.size())])",
    "vars.put('key', UUID.randomUUID().toString())",
    ...(bodies.length === 0
      ? []
      : [
          `def bodies = [${bodies.map((body) => `'${quoted(JSON.stringify(body))}'`).join(', ')}]`,
          "vars.put('body', bodies[random.nextInt(bodies.size())])",
        ]),
  ]);
  const sent = sampler(action, method, path, bodies.length > 0);
  return [openModel, tree([sent, tree([...jsonHeader(isPlayers), ...choose, ...decided])])];
}

/** For requests that join: the name of a team that nobody has. */
function joinName({ isSolo }: ExportedLoad): string[] {
  const team = isSolo ? '' : ',"team":{"name":"\' + UUID.randomUUID() + \'"}';
  return groovy('JSR223PreProcessor', 'A new team', [
    `vars.put('body', '{"name":"Player"${team}}')`,
  ]);
}

function sampler(name: string, method: string, path: string, hasBody: boolean): string {
  const body = hasBody
    ? `<boolProp name="HTTPSampler.postBodyRaw">true</boolProp><elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"><elementProp name="" elementType="HTTPArgument"><boolProp name="HTTPArgument.always_encode">false</boolProp>${string('Argument.value', variable('body'))}${string('Argument.metadata', '=')}</elementProp></collectionProp></elementProp>`
    : '<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>';
  return element('HTTPSamplerProxy', 'HttpTestSampleGui', name, [
    string('HTTPSampler.method', method),
    string('HTTPSampler.path', path),
    '<boolProp name="HTTPSampler.use_keepalive">true</boolProp>',
    body,
  ]);
}

function jsonHeader(isPlayers: boolean): string[] {
  const header = (name: string, value: string) =>
    `<elementProp name="" elementType="Header">${string('Header.name', name)}${string('Header.value', value)}</elementProp>`;
  const headers = [
    header('Content-Type', 'application/json'),
    ...(isPlayers
      ? [
          header('Authorization', `Bearer ${variable('token')}`),
          header('Idempotency-Key', variable('key')),
        ]
      : []),
  ];
  const list = `<collectionProp name="HeaderManager.headers">${headers.join('')}</collectionProp>`;
  return [element('HeaderManager', 'HeaderPanel', 'Headers', [list]), tree([])];
}

function groovy(
  kind: 'JSR223PreProcessor' | 'JSR223PostProcessor',
  name: string,
  script: string[],
) {
  const properties = [
    ...[string('scriptLanguage', 'groovy'), string('cacheKey', 'true')],
    string('script', script.join('\n')),
  ];
  return [element(kind, 'TestBeanGUI', name, properties), tree([])];
}

/** What follows an element are the elements in it: JMeter keeps them side by side. */
function tree(children: readonly string[]): string {
  return `<hashTree>\n${children.join('\n')}\n</hashTree>`;
}

function element(kind: string, gui: string, name: string, properties: readonly string[]): string {
  const attributes = `guiclass="${gui}" testclass="${kind}" testname="${escaped(name)}" enabled="true"`;
  return `<${kind} ${attributes}>${properties.join('')}</${kind}>`;
}

function string(name: string, value: string): string {
  return `<stringProp name="${name}">${escaped(value)}</stringProp>`;
}

/** What JMeter fills in when it sends. */
const variable = (name: string) => `\${${name}}`;

/** As it stands between single quotes in Groovy, and without what JMeter would fill in before. */
const quoted = (text: string) => text.replace(/[\\']/g, '\\$&').replaceAll('$', () => '\\u0024');
