// Tables whose head stays a head: the package writes every row in one body.
import { Table as BaseTable, TableHeader as BaseHeader, TableRow as BaseRow, mergeAttributes, pm } from "django-prose-editor/editor";

export const TableRow = BaseRow.extend({
  addAttributes: () => ({
    isHead: { default: false, rendered: false, parseHTML: (row) => row.parentElement?.localName === "thead" },
    // Of a part of the table other than the first.
    isFirst: {
      default: false, rendered: false,
      parseHTML: ({ parentElement, previousElementSibling }) => Boolean(!previousElementSibling && parentElement?.previousElementSibling?.matches("thead, tbody")),
    },
  }),
});

export const TableHeader = BaseHeader.extend({
  addAttributes() {
    return {
      ...this.parent?.(),
      scope: {
        default: null,
        parseHTML: (cell) => cell.getAttribute("scope"),
        renderHTML: ({ scope }) => (scope ? { scope } : {}),
      },
    };
  },
});

export const Table = BaseTable.extend({
  renderHTML({ node, HTMLAttributes }) {
    const table = document.createElement("table");
    for (const [name, value] of Object.entries(mergeAttributes(HTMLAttributes))) if (value !== null && value !== undefined && name !== "style") table.setAttribute(name, value);
    const serializer = pm.model.DOMSerializer.fromSchema(node.type.schema);
    node.forEach((row) => {
      const part = row.attrs.isHead ? "thead" : "tbody";
      if (row.attrs.isFirst || table.lastElementChild?.localName !== part) table.append(document.createElement(part));
      table.lastElementChild.append(serializer.serializeNode(row));
    });
    return table;
  },
});
