using System.Buffers;
using System.Text.Json;

namespace Aegis.Tools;

/// <summary>Pins as JSON. Read strictly: a file that says anything else says nothing.</summary>
internal static class PinFile
{
    public const int MaxBytes = 8 * 1_048_576;

    private const int Version = 1;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8 };

    /// <exception cref="ToolPinException">It is not a file of pins; the message says why.</exception>
    public static IReadOnlyList<ToolPin> Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            throw new ToolPinException($"the pin file is larger than {MaxBytes >> 20} MiB");
        }

        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Pins(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ToolPinException(FormattableString.Invariant($"the pin file is not JSON (line {e.LineNumber + 1})"), e);
        }
        catch (InvalidOperationException e)   // half of a surrogate pair
        {
            throw new ToolPinException("the pin file has a text that is none", e);
        }
    }

    /// <summary>Sorted, so that the same pins are the same file.</summary>
    public static byte[] Write(IEnumerable<ToolPin> pins)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteStartArray("pins");
            foreach (var pin in pins.OrderBy(static pin => pin.Server, StringComparer.Ordinal).ThenBy(static pin => pin.Name, StringComparer.Ordinal))
            {
                writer.WriteStartObject();
                writer.WriteString("server", pin.Server);
                writer.WriteString("name", pin.Name);
                writer.WriteString("content", pin.Content);
                writer.WriteString("hash", pin.Hash);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static List<ToolPin> Pins(JsonElement root)
    {
        var members = Members(root, "the pin file", "version", "pins");
        if (members["version"] is not { ValueKind: JsonValueKind.Number } version || !version.TryGetInt32(out var number) || number != Version)
        {
            throw new ToolPinException(FormattableString.Invariant($"the pin file has another version than {Version}"));
        }

        if (members["pins"].ValueKind != JsonValueKind.Array || members["pins"].GetArrayLength() > ToolPinning.MaxPins)
        {
            throw new ToolPinException(FormattableString.Invariant($"'pins' of the pin file is not a list of at most {ToolPinning.MaxPins} pins"));
        }

        var pins = new List<ToolPin>();
        var known = new HashSet<(string, string)>();
        foreach (var item in members["pins"].EnumerateArray())
        {
            var pin = Pin(item, FormattableString.Invariant($"pin {pins.Count + 1} of the pin file"));
            pins.Add(known.Add(pin.Key) ? pin : throw new ToolPinException(FormattableString.Invariant($"pin {pins.Count + 1} of the pin file stands there twice")));
        }

        return pins;
    }

    private static ToolPin Pin(JsonElement item, string where)
    {
        var members = Members(item, where, "server", "name", "content", "hash");
        if (members.Values.Any(static value => value.ValueKind != JsonValueKind.String))
        {
            throw new ToolPinException($"{where} has a value that is no text");
        }

        ToolPin pin;
        try
        {
            pin = new(members["server"].GetString()!, members["name"].GetString()!, members["content"].GetString()!);
        }
        catch (ArgumentException e)
        {
            throw new ToolPinException($"{where} is none", e);
        }

        return string.Equals(pin.Hash, members["hash"].GetString(), StringComparison.Ordinal) ? pin : throw new ToolPinException($"{where} has a hash that is not the one of its name and content");
    }

    private static Dictionary<string, JsonElement> Members(JsonElement value, string where, params ReadOnlySpan<string> names)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new ToolPinException($"{where} is no object");
        }

        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (!names.Contains(member.Name) || !members.TryAdd(member.Name, member.Value))
            {
                throw new ToolPinException($"{where} has a member that is unknown or stands there twice");
            }
        }

        return members.Count == names.Length ? members : throw new ToolPinException($"{where} lacks a member");
    }
}
