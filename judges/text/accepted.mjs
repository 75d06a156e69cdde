// Changes that break a client of the last release, each by its path with the reason why it is made all the same.
// A release copies schema.graphql to released.graphql and empties this.
export const ACCEPTED = {};
