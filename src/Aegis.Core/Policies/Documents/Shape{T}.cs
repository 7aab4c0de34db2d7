using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>How a part of a policy is read from a document, checked, shown and described. Immutable.</summary>
/// <typeparam name="T">The part.</typeparam>
internal abstract class Shape<T>
{
    /// <summary>Reads a part.</summary>
    /// <param name="node">What the document says.</param>
    /// <param name="path">Where, as a JSON path.</param>
    /// <param name="current">What it says otherwise: the part of the policy that is extended.</param>
    /// <param name="reading">Takes mistakes and places.</param>
    /// <param name="value">The part.</param>
    /// <returns>Whether it was read; a mistake was added when not.</returns>
    public abstract bool TryRead(DocumentNode node, string path, T current, PolicyReading reading, out T value);

    /// <summary>Checks a part, whoever made it.</summary>
    public abstract void Check(T value, string path, PolicyChecks checks);

    /// <summary>The part as a document says it.</summary>
    public abstract JsonNode? Write(T value);

    /// <summary>JSON schema, draft 2020-12.</summary>
    public abstract JsonObject Schema();

    /// <summary>The innermost members under a part, with what they say.</summary>
    public virtual IEnumerable<(string Path, JsonNode? Value)> Leaves(T value, string path) => [(path, Write(value))];

    protected static bool Refuse(PolicyReading reading, string code, DocumentNode node, string path, string message, T current, out T value)
    {
        reading.Errors.Add(code, node.At, path, message);
        value = current;
        return false;
    }

    /// <summary>What a part is, for messages.</summary>
    protected static string Said(DocumentNode node) => node.Kind switch
    {
        DocumentKind.Map => "members",
        DocumentKind.List => "a list",
        DocumentKind.Null => "null",
        DocumentKind.Text => $"the text '{PolicyErrorList.Shown(node.Text)}'",
        _ => $"'{PolicyErrorList.Shown(node.Text)}'",
    };
}
