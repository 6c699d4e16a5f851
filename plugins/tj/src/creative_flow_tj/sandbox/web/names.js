// What a drifted site calls otherwise: old names and texts with the new ones. Without drift: nothing.

export default { ids: {}, classes: {}, attributes: {}, texts: {}, addresses: {}, options: {} };
