import { escaped } from '../report/escape.ts';
import type { ExportedLoad, ExportedRequest } from './exported-load.ts';

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
    `<elementProp name="ThreadGroup.main_controller" elementType="LoopController">${string('LoopController.loops', String(players))}<boolProp name="LoopController.continue_forever">false</boolProp></elementProp>`,
  ]);
  const keepToken = groovy('JSR223PostProcessor', 'Keep the token', [
    'def token = (prev.responseDataAsString =~ /"token":"([^"]+)"/)',
    "def tokens = props.computeIfAbsent('tokens', { new java.util.concurrent.CopyOnWriteArrayList() })",
    'if (token.find()) tokens.add(token.group(1))',
  ]);
  const joining = [
    ...[sampler('join', join.method, join.path, true), tree([...jsonHeader(false), ...keepToken])],
    ...joinName(load),
  ];
  const groups = requests.flatMap((request) => group(load, request));
  const plan = element('TestPlan', 'TestPlanGui', name, [
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

/** A group of arrivals with its share of the rate. */
function group(load: ExportedLoad, request: ExportedRequest): string[] {
  const { action, share, method, path, isPlayers, bodies } = request;
  const schedule = [`rate(${rate(load.startPerSecond * share)}/s)`];
  for (const { seconds, perSecond } of load.stages) {
    if (seconds > 0) schedule.push(`random_arrivals(${Math.round(seconds * 1_000)} ms)`);
    schedule.push(`rate(${rate(perSecond * share)}/s)`);
  }
  const openModel = element(
    'org.apache.jmeter.threads.openmodel.OpenModelThreadGroup',
    'org.apache.jmeter.threads.openmodel.gui.OpenModelThreadGroupGui',
    action,
    [
      string('OpenModelThreadGroup.schedule', schedule.join(' ')),
      '<elementProp name="ThreadGroup.main_controller" elementType="org.apache.jmeter.threads.openmodel.OpenModelThreadGroupController"/>',
    ],
  );
  if (action === 'join') {
    const joining = [sampler(action, method, path, true), tree(jsonHeader(false))];
    return [openModel, tree([...joining, ...joinName(load)])];
  }
  const choose = groovy('JSR223PreProcessor', 'Who sends what', [
    'def random = java.util.concurrent.ThreadLocalRandom.current()',
    "def tokens = props.get('tokens')",
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
  return [openModel, tree([sent, tree([...jsonHeader(isPlayers), ...choose])])];
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

/** As it stands between single quotes in Groovy. */
const quoted = (text: string) => text.replace(/[\\']/g, '\\$&');
const rate = (perSecond: number) => Number(perSecond.toFixed(3));
