import { type Dashboard, of, quantile, rate } from './dashboard.ts';

/** Every gateway has the same counters of a hunt, so the largest is the newest. */
const newest = (metric: string) => `max by (hunt) (${of(metric)})`;
const pace = (metric: string) => `max by (hunt) (${rate(metric)})`;

/** One hunt while it is played: for who runs it. */
export const huntLive: Dashboard = {
  name: 'hunt-live',
  title: 'one hunt, live',
  rows: [
    {
      title: 'The hunts',
      panels: [
        {
          title: 'Teams',
          description: 'That have joined.',
          unit: 'short',
          queries: [{ expr: newest('hunt_live_teams'), legend: '{{hunt}}' }],
        },
        {
          title: 'Steps solved',
          description: 'By all teams, so far.',
          unit: 'short',
          queries: [{ expr: newest('hunt_live_solves_total'), legend: '{{hunt}}' }],
        },
        {
          title: 'Prizes granted',
          description: 'So far. It stops at the stock.',
          unit: 'short',
          queries: [{ expr: newest('hunt_live_grants_total'), legend: '{{hunt}}' }],
        },
        {
          title: 'Steps solved, a second',
          description: 'The pace of the hunt.',
          unit: 'cps',
          queries: [{ expr: pace('hunt_live_solves_total'), legend: '{{hunt}}' }],
        },
        {
          title: 'Wrong answers, a second',
          description: 'Far more than right ones: a clue misleads.',
          unit: 'cps',
          queries: [{ expr: pace('hunt_live_wrong_answers_total'), legend: '{{hunt}}' }],
        },
        {
          title: 'Wrong answers for each solved step',
          description: 'Since the hunt began.',
          unit: 'short',
          queries: [
            {
              expr: `${newest('hunt_live_wrong_answers_total')} / ${newest('hunt_live_solves_total')}`,
              legend: '{{hunt}}',
            },
          ],
        },
      ],
    },
    {
      title: 'The crowd',
      panels: [
        {
          title: 'Live connections',
          description: 'Players and boards that listen.',
          unit: 'short',
          queries: [{ expr: `sum(${of('hunt_gateway_live_connections')})`, legend: 'open' }],
        },
        {
          title: 'Events pushed',
          description: 'To live connections; dropped ones belong to clients that read too slowly.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (result) (${rate('hunt_gateway_live_events_total')})`,
              legend: '{{result}}',
            },
          ],
        },
        {
          title: 'Time to a decision',
          description: 'What a player waits for an outcome inside the engine.',
          unit: 's',
          queries: [{ expr: quantile(0.99, 'hunt_gateway_decision_seconds'), legend: 'p99' }],
        },
        {
          title: 'Above a rate',
          description: 'Requests that were told to wait, of players and of addresses that join.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (of) (${rate('hunt_gateway_rate_limited_requests_total')})`,
              legend: '{{of}}',
            },
          ],
        },
      ],
    },
  ],
};
