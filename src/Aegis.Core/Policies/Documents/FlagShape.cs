using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>True or false.</summary>
internal sealed class FlagShape : Shape<bool>
{
    public override bool TryRead(DocumentNode node, string path, bool current, PolicyReading reading, out bool value)
    {
        if (node.Kind == DocumentKind.Any && bool.TryParse(node.Text, out value))
        {
            return true;
        }

        value = node.Text is "true";
        return node.Kind == DocumentKind.Flag
            || Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants true or false, not {Said(node)}.", current, out value);
    }

    public override void Check(bool value, string path, PolicyChecks checks)
    {
        // Both are right.
    }

    public override JsonNode? Write(bool value) => JsonValue.Create(value);

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}
