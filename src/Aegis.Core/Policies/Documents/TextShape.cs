using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A text.</summary>
/// <param name="kind">What it must be.</param>
internal sealed class TextShape(TextKind kind) : Shape<string>
{
    public override bool TryRead(DocumentNode node, string path, string current, PolicyReading reading, out string value)
    {
        value = node.Text;
        return node.Kind is DocumentKind.Text or DocumentKind.Any || (kind.IsScalar && node.Kind is DocumentKind.Number or DocumentKind.Flag)
            || Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a text, not {Said(node)}.{(node.Kind is DocumentKind.Number or DocumentKind.Flag ? $" Write \"{PolicyErrorList.Shown(node.Text)}\"." : "")}", current, out value);
    }

    public override void Check(string value, string path, PolicyChecks checks)
    {
        if (value is null)
        {
            checks.Add(PolicyErrorCodes.Null, path, "is null. Leave it out to keep the default.");
        }
        else if (kind.Mistake(value) is var (code, message))
        {
            checks.Add(code, path, message);
        }
    }

    public override JsonNode? Write(string value) => JsonValue.Create(value);

    public override JsonObject Schema()
    {
        var schema = kind.IsScalar ? new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") } : new JsonObject { ["type"] = "string", ["minLength"] = 1 };
        if (kind.MaxLength is { } longest)
        {
            schema["maxLength"] = longest;
        }

        return schema;
    }
}
