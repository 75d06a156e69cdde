// A list that Relay reads by the page, and fetches again as an object of its own. Never run: compilers read it.
import { graphql } from 'relay-runtime';
import type { PagedLeaves_place$data } from './__generated__/PagedLeaves_place.graphql';
import type { PagedLeavesQuery$data } from './__generated__/PagedLeavesQuery.graphql';

export const page = graphql`
  fragment PagedLeaves_leaves on Query
  @refetchable(queryName: "PagedLeavesRefetchQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    leaves(first: $first, after: $after) @connection(key: "PagedLeaves_leaves") {
      edges {
        node {
          id
          state
        }
      }
    }
  }
`;

export const place = graphql`
  fragment PagedLeaves_place on Place @refetchable(queryName: "PagedLeavesPlaceQuery") {
    name
    today
  }
`;

export default graphql`
  query PagedLeavesQuery {
    viewer {
      place {
        ...PagedLeaves_place
      }
    }
    ...PagedLeaves_leaves
  }
`;

export function named(data: PagedLeaves_place$data): string {
  return data.name;
}

export function hidden(data: PagedLeavesQuery$data): void {
  // @ts-expect-error what the fragment asked for is the fragment's alone
  data.viewer?.place.name;
}
