// A front end's code over the generated documents. It is never run: the compiler reads it.
import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';
import { AskForLeaveDocument, MyLeavesDocument, WhoAmIDocument } from './gql/graphql';

export function greeting(data: ResultOf<typeof WhoAmIDocument>): string {
  return data.viewer === null || data.viewer === undefined ? '请登录' : data.viewer.name;
}

export function waiting(data: ResultOf<typeof MyLeavesDocument>): string[] {
  return data.leaves.nodes.filter((leave) => leave.state === 'PENDING').map((leave) => leave.id);
}

export const asked: VariablesOf<typeof AskForLeaveDocument> = {
  input: { beginsOn: '2018-06-18', endsOn: '2018-06-20' },
};

// @ts-expect-error the last day is required
export const halfAsked: VariablesOf<typeof AskForLeaveDocument> = { input: { beginsOn: '2018-06-18' } };

export function mistaken(data: ResultOf<typeof AskForLeaveDocument>): void {
  // @ts-expect-error there is no such code
  if (data.leaveSubmit.userErrors[0]?.code === 'NO_SUCH_CODE') return;
}
