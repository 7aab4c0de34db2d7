using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Aegis.Cli.Promptfoo;

/// <summary>YAML of others as JSON, and JSON as YAML. Anchors, aliases and merge keys are understood, tags are not looked at. Only events are used: an object model dies of deep nesting.</summary>
internal sealed class YamlTree
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 500_000;   // aliases written out

    private readonly Parser _parser;
    private readonly Dictionary<string, JsonNode?> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private YamlTree(string text) => _parser = new(new StringReader(text));

    /// <summary>The first document of a text.</summary>
    /// <exception cref="FormatException">It is no YAML, or too large.</exception>
    public static JsonNode? Read(string text)
    {
        try
        {
            var tree = new YamlTree(text);
            tree._parser.Consume<StreamStart>();
            if (!tree._parser.TryConsume<DocumentStart>(out _))
            {
                throw new FormatException("is empty.");
            }

            return tree.Value(0);
        }
        catch (YamlException e)
        {
            throw new FormatException(FormattableString.Invariant($"line {e.Start.Line}: is not YAML: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}"), e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or OverflowException or IndexOutOfRangeException)
        {
            throw new FormatException("is not YAML: the parser gave up.", e);
        }
    }

    /// <summary>A document; texts in double quotes, so that nothing in them is taken for anything else.</summary>
    public static string Write(JsonNode node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithBestWidth(int.MaxValue).WithIndentedSequences());
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, members.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var member in members)
                {
                    emitter.Emit(new Scalar(member.Key));
                    Emit(emitter, member.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in items)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, value.GetValue<string>(), ScalarStyle.DoubleQuoted, false, true));
                break;
            default:
                emitter.Emit(new Scalar(node?.ToJsonString() ?? "null"));
                break;
        }
    }

    private JsonNode? Value(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException(FormattableString.Invariant($"is deeper than {MaxDepth} levels."));
        }

        Count(1);
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            var meant = _anchors.TryGetValue(alias.Value.Value, out var known) ? known?.DeepClone() : throw new FormatException($"'*{alias.Value}' refers to nothing.");
            Count(SizeOf(meant));
            return meant;
        }

        var anchor = (_parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        JsonNode? node = _parser.TryConsume<Scalar>(out var scalar) ? Of(scalar) : _parser.TryConsume<SequenceStart>(out _) ? List(depth) : Map(depth);
        if (!anchor.IsEmpty)
        {
            _anchors[anchor.Value] = node?.DeepClone();
        }

        return node;
    }

    private JsonArray List(int depth)
    {
        var items = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Value(depth + 1));
        }

        return items;
    }

    private JsonObject Map(int depth)
    {
        _parser.Consume<MappingStart>();
        var members = new JsonObject();
        var merged = new List<JsonObject>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var name = _parser.Consume<Scalar>().Value;
            var value = Value(depth + 1);
            if (name == "<<")
            {
                merged.AddRange(value is JsonArray several ? several.OfType<JsonObject>() : value is JsonObject one ? [one] : []);
            }
            else
            {
                members[name] = value;
            }
        }

        foreach (var member in merged.SelectMany(static from => from).Where(member => !members.ContainsKey(member.Key)).ToList())
        {
            members[member.Key] = member.Value?.DeepClone();
        }

        return members;
    }

    /// <summary>The core schema of YAML 1.2, numbers as JSON writes them.</summary>
    private static JsonValue? Of(Scalar scalar) => scalar.Style != ScalarStyle.Plain ? JsonValue.Create(scalar.Value) : scalar.Value switch
    {
        "" or "~" or "null" or "Null" or "NULL" => (JsonValue?)null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        [(>= '0' and <= '9') or '-', ..] number when Number(number) is { } value => value,
        var text => JsonValue.Create(text),
    };

    private static JsonValue? Number(string text)
    {
        try
        {
            return JsonNode.Parse(text)?.AsValue();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Count(int nodes)
    {
        if ((_nodes += nodes) > MaxNodes)
        {
            throw new FormatException(FormattableString.Invariant($"has more than {MaxNodes:N0} values."));
        }
    }

    private static int SizeOf(JsonNode? node) => node switch
    {
        JsonObject members => 1 + members.Sum(static member => SizeOf(member.Value)),
        JsonArray items => 1 + items.Sum(SizeOf),
        _ => 1,
    };
}
