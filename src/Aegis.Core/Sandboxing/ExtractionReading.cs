using System.Text.Json;

namespace Aegis.Sandboxing;

/// <summary>
/// Reads what an extractor says. Nothing is made to fit: it is one object of the schema, member by member, or it is nothing; and its texts are stretches of the
/// document, so that a model that was talked over can choose among what was written, and say nothing of its own.
/// </summary>
internal sealed class ExtractionReading
{
    private const int MaxMistakes = 20;
    private const int MaxNumber = 32;   // characters

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = SchemaLimits.Depth + 1, AllowDuplicateProperties = false };

    private readonly string _document;
    private readonly List<string> _mistakes = [];
    private readonly List<(string Path, string Text)> _texts = [];

    private ExtractionReading(string document) => _document = document;

    /// <summary>The data; null when there are mistakes.</summary>
    public JsonElement? Value { get; private set; }

    /// <summary>What is wrong, without any value; at most 20.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    /// <summary>The texts in it, and where, in the order in which they stand there.</summary>
    public IReadOnlyList<(string Path, string Text)> Texts => _texts;

    public static ExtractionReading Of(string json, ExtractionSchema schema, string document)
    {
        var reading = new ExtractionReading(document);
        if (json.Length > schema.MaxReply)
        {
            reading.Refuse("the reply", "is longer than everything that may stand in it");
            return reading;
        }

        try
        {
            using var parsed = JsonDocument.Parse(json, Strict);
            reading.Read(parsed.RootElement, schema.Root, "$");
            reading.Value = reading._mistakes.Count == 0 ? parsed.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            reading.Refuse("the reply", "is not one JSON object and nothing else: no fence, no words around it, no member twice, no lone surrogate");
        }

        return reading;
    }

    private void Read(JsonElement value, ExtractionNode node, string path)
    {
        switch (node.Kind)
        {
            case ExtractionKind.Object when value.ValueKind == JsonValueKind.Object:
                ReadObject(value, node, path);
                break;
            case ExtractionKind.Array when value.ValueKind == JsonValueKind.Array:
                if (value.GetArrayLength() > node.MaxItems)
                {
                    Refuse(path, FormattableString.Invariant($"has more than {node.MaxItems} items"));
                    break;
                }

                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Read(item, node.Item!, FormattableString.Invariant($"{path}[{index++}]"));
                }

                break;
            case ExtractionKind.Text when value.ValueKind == JsonValueKind.String:
                ReadText(value.GetString()!, node, path);
                break;
            case ExtractionKind.Choice when value.ValueKind == JsonValueKind.String:
                if (!node.Words.Contains(value.GetString(), StringComparer.Ordinal))
                {
                    Refuse(path, "is none of the words of its enum, to the letter");
                }

                break;
            case ExtractionKind.Integer or ExtractionKind.Number when value.ValueKind == JsonValueKind.Number:
                ReadNumber(value, node, path);
                break;
            case ExtractionKind.Boolean when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                break;
            default:
                Refuse(path, $"is not of type {(node.Kind is ExtractionKind.Text or ExtractionKind.Choice ? "string" : node.Kind.ToString().ToLowerInvariant())}{(value.ValueKind == JsonValueKind.Null ? "; leave out what the document does not say" : "")}");
                break;
        }
    }

    private void ReadObject(JsonElement value, ExtractionNode node, string path)
    {
        if (value.GetPropertyCount() > node.Members.Count + SchemaLimits.Members)
        {
            Refuse(path, "has a member that the schema does not have");   // each look-up reads them all
            return;
        }

        var known = 0;
        foreach (var part in value.EnumerateObject())   // in the order in which whoever gets the data reads them
        {
            if (node.Members.FirstOrDefault(member => part.NameEquals(member.Name)) is { } member)
            {
                known++;
                Read(part.Value, member.Node, $"{path}.{member.Name}");
            }
        }

        foreach (var member in node.Members)
        {
            if (member.IsRequired && !value.TryGetProperty(member.Name, out _))
            {
                Refuse($"{path}.{member.Name}", "is missing");
            }
        }

        if (known < value.GetPropertyCount())
        {
            Refuse(path, "has a member that the schema does not have");
        }
    }

    private void ReadText(string text, ExtractionNode node, string path)
    {
        if (text.Length < node.MinLength || text.Length > node.MaxLength)
        {
            Refuse(path, FormattableString.Invariant($"does not have {node.MinLength} to {node.MaxLength} characters"));
        }
        else if (!Verbatim.Stands(text, _document))
        {
            Refuse(path, "does not stand in the document to the letter: copy it, every character");
        }
        else
        {
            _texts.Add((path, text));
        }
    }

    private void ReadNumber(JsonElement value, ExtractionNode node, string path)
    {
        var isWhole = value.TryGetInt64(out _);
        if (value.GetRawText().Length > MaxNumber || !value.TryGetDecimal(out var number) || (node.Kind == ExtractionKind.Integer && !isWhole))
        {
            Refuse(path, node.Kind == ExtractionKind.Integer ? "is no whole number that can be held" : "is no number that can be held");
        }
        else if (number < node.Minimum || number > node.Maximum)
        {
            Refuse(path, "is not between its minimum and its maximum");
        }
    }

    private void Refuse(string path, string what)
    {
        if (_mistakes.Count < MaxMistakes)
        {
            _mistakes.Add($"{path} {what}.");
        }
    }
}
