// Slack incoming webhooks, Block Kit. Slack's text needs `&`, `<` and `>` escaped; values stand in `plain_text` or code
// spans, so that nobody's command line becomes a mention or a link.

import { visible } from '../../base/escape/visible.ts';
import { post } from '../http.ts';
import { headline, type Notice, type Notices, type Target } from '../notice.ts';

const MAX_TEXT = 2900;
const MAX_HEADER = 150;
const MAX_LISTED = 10;

/** For Slack's `mrkdwn`: the three characters that Slack reads as markup, and visible control characters. */
export function slackText(text: string): string {
  return visible(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** A code span: back quotes would end it, so they become apostrophes. */
export function slackCode(text: string): string {
  const safe = slackText(text).replace(/`/g, 'ʼ');
  return safe === '' ? '–' : `\`${safe}\``;
}

const cut = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);

function section(notice: Notice): object {
  const lines = [
    `*Rule* ${slackCode(notice.rule)}  *Priority* ${slackText(notice.priority)}  *Count* ${notice.count}`,
    `*Where* ${slackCode(notice.namespace === '' ? notice.workload : `${notice.namespace}/${notice.workload}`)} on ${slackCode(notice.node)}`,
    `*Do now* ${slackText(notice.doNow)}`,
    `${slackText(notice.firstSeen)} → ${slackText(notice.lastSeen)}`,
  ];
  return { type: 'section', text: { type: 'mrkdwn', text: cut(lines.join('\n'), MAX_TEXT) } };
}

/** The message as Slack takes it; exported so that its shape can be checked without a network. */
export function slackMessage(notices: Notices): object {
  const [first] = notices;
  const more = notices.length - 1;
  const blocks: object[] = notices.slice(0, MAX_LISTED).flatMap((notice) => [
    {
      type: 'header',
      text: { type: 'plain_text', text: cut(visible(headline(notice)), MAX_HEADER), emoji: false },
    },
    section(notice),
    ...(notice.url === undefined
      ? []
      : [
          {
            type: 'actions',
            elements: [
              { type: 'button', text: { type: 'plain_text', text: 'Open the incident' }, url: notice.url },
            ],
          },
        ]),
  ]);
  if (notices.length > MAX_LISTED) {
    blocks.push({
      type: 'context',
      elements: [{ type: 'plain_text', text: `and ${notices.length - MAX_LISTED} more findings` }],
    });
  }
  return { text: slackText(`${headline(first)}${more > 0 ? ` and ${more} more` : ''}`), blocks };
}

export function slackTarget(name: string, options: { readonly url: string; readonly ca?: string }): Target {
  return {
    name,
    send: (notices) =>
      post({
        ...options,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(slackMessage(notices)),
      }),
    close: async () => {},
  };
}
