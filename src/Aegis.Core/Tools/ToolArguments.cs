using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Tools;

/// <summary>
/// The arguments of a call, read once into a canonical form (JSON, keys sorted by ordinal order). Whatever cannot be read that way, or could be
/// read in two ways, is named in <see cref="Refusal"/> and never runs. Immutable.
/// </summary>
public sealed class ToolArguments
{
    /// <summary>Objects and arrays inside each other, at most.</summary>
    public const int MaxDepth = 64;

    /// <summary>Values and keys in total, at most.</summary>
    public const int MaxValues = 10_000;

    /// <summary>Characters in all keys and strings together, at most.</summary>
    public const int MaxCharacters = 1_048_576;

    private const int MaxLayers = 3;   // JSON inside strings of JSON

    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 512 };

    private static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _canonical;
    private IReadOnlyList<ArgumentLeaf>? _leaves;

    private ToolArguments(byte[] canonical, string text, (string, JsonValueKind)[] kinds, string? refusal)
    {
        _canonical = canonical;
        Text = text;
        Kinds = kinds;
        Refusal = refusal;
    }

    /// <summary>No arguments.</summary>
    public static ToolArguments Empty { get; } = From(null);

    /// <summary>Arguments that the model wrote and nobody could parse.</summary>
    public static ToolArguments Unparsable { get; } = new([], "", [], "arguments/unparsable");

    /// <summary>Why these arguments may not run: a rule id such as <c>arguments/duplicate-key</c>.</summary>
    /// <value><see langword="null"/>: well formed.</value>
    public string? Refusal { get; }

    /// <summary>The canonical JSON.</summary>
    public string Canonical => Encoding.UTF8.GetString(_canonical);

    /// <summary>The canonical JSON, to be read again.</summary>
    internal ReadOnlyMemory<byte> Utf8 => _canonical;

    /// <summary>All keys and strings, a line each, and decoded once more what is JSON in a string: what a text scanner reads.</summary>
    internal string Text { get; }

    internal (string Name, JsonValueKind Kind)[] Kinds { get; }

    /// <summary>Reads arguments. Never throws: see <see cref="Refusal"/>.</summary>
    /// <param name="arguments">Names and values: JSON values, strings, numbers, booleans, dates, ids, enumerations, and dictionaries and lists of them.</param>
    /// <returns>The arguments.</returns>
    public static ToolArguments From(IEnumerable<KeyValuePair<string, object?>>? arguments)
    {
        var reader = new Reader();
        try
        {
            return reader.Read(arguments ?? []);
        }
        catch (RefusedException e)
        {
            return new([], "", [], e.Rule);
        }
        catch (Exception)
        {
            // Lone surrogates inside a JsonElement, a disposed document, a collection that changes while it is read or throws whatever it likes.
            return new([], "", [], "arguments/unreadable");
        }
    }

    /// <summary>Arguments that were refused, for a replay.</summary>
    internal static ToolArguments OfRefusal(string rule) => new([], "", [], rule);

    /// <summary>Arguments from their <see cref="Canonical"/> form, for a replay.</summary>
    internal static ToolArguments OfCanonical(string canonical)
    {
        using var json = JsonDocument.Parse(canonical, new() { MaxDepth = 2 * MaxDepth });
        return From(json.RootElement.EnumerateObject().Select(static member => KeyValuePair.Create(member.Name, (object?)member.Value)));
    }

    /// <summary>Identity of a call for repetition counting: FNV-1a, 64 bits, over tool and arguments. Not for security: see <see cref="Hash"/>.</summary>
    /// <param name="tool">The tool's name.</param>
    /// <returns>The identity; never 0.</returns>
    public ulong CallHash(string tool)
    {
        var hash = Fnv.Start;
        foreach (var c in tool)
        {
            hash = Fnv.Add(hash, c);
        }

        hash = Fnv.Add(hash, 0);
        foreach (var b in _canonical)
        {
            hash = Fnv.Add(hash, b);
        }

        return hash | 1;
    }

    /// <summary>How much there is, without what it says: see <see cref="Canonical"/>.</summary>
    /// <returns>For example <c>2 arguments</c>.</returns>
    public override string ToString() => Refusal ?? FormattableString.Invariant($"{Kinds.Length} arguments");

    /// <summary>All strings and numbers, and the names of members below arguments, in the order of <see cref="Canonical"/>.</summary>
    internal IReadOnlyList<ArgumentLeaf> Leaves => LazyInitializer.EnsureInitialized(ref _leaves, () => ArgumentLeaves.Of(_canonical));

    /// <summary>Whether two say the same.</summary>
    internal bool Is(ToolArguments other) => ReferenceEquals(this, other) || (string.Equals(Refusal, other.Refusal, StringComparison.Ordinal) && _canonical.AsSpan().SequenceEqual(other._canonical));

    /// <summary>The arguments by name, as JSON; none when they may not run.</summary>
    internal IEnumerable<KeyValuePair<string, object?>> Values()
    {
        if (Refusal is null)
        {
            using var json = JsonDocument.Parse(_canonical, new() { MaxDepth = 2 * MaxDepth });
            foreach (var member in json.RootElement.Clone().EnumerateObject())
            {
                yield return new(member.Name, member.Value);
            }
        }
    }

    /// <summary>SHA-256 over tool and canonical arguments: what an approval is bound to.</summary>
    internal byte[] Hash(string tool)
    {
        var size = Encoding.UTF8.GetMaxByteCount(tool.Length) + 1 + _canonical.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        var length = Encoding.UTF8.GetBytes(tool, buffer);
        buffer[length++] = 0;
        _canonical.CopyTo(buffer.AsSpan(length));
        var hash = SHA256.HashData(buffer.AsSpan(0, length + _canonical.Length));
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return hash;
    }

    private sealed class RefusedException(string rule) : Exception
    {
        public string Rule { get; } = rule;
    }

    private sealed class Reader
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(256);
        private readonly StringBuilder _text = new();
        private int _values;
        private int _characters;
        private int _decoded;

        public ToolArguments Read(IEnumerable<KeyValuePair<string, object?>> arguments)
        {
            using var writer = new Utf8JsonWriter(_buffer, WriterOptions);
            var members = Sorted(arguments);
            var kinds = new (string, JsonValueKind)[members.Count];
            writer.WriteStartObject();
            for (var i = 0; i < members.Count; i++)
            {
                writer.WritePropertyName(members[i].Key);
                kinds[i] = (members[i].Key, Write(writer, members[i].Value, 1));
            }

            writer.WriteEndObject();
            writer.Flush();
            return new(_buffer.WrittenSpan.ToArray(), _text.ToString(), kinds, null);
        }

        private List<KeyValuePair<string, object?>> Sorted(IEnumerable<KeyValuePair<string, object?>> source)
        {
            var members = new List<KeyValuePair<string, object?>>();
            foreach (var member in source)
            {
                Key(member.Key);
                members.Add(member);
            }

            if (members.Count > 1)
            {
                members.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
                var seen = new HashSet<string>(members.Count, StringComparer.OrdinalIgnoreCase);
                foreach (var member in members)
                {
                    if (!seen.Add(member.Key))
                    {
                        throw new RefusedException("arguments/duplicate-key");
                    }
                }
            }

            foreach (var member in members)
            {
                _text.Append(member.Key).Append('\n');   // sorted: the same arguments are the same text
            }

            return members;
        }

        private void Key(string? key)
        {
            Count(key ?? throw new RefusedException("arguments/unreadable"), scanned: false);
            if (key is "__proto__" or "constructor" or "prototype")
            {
                throw new RefusedException("arguments/reserved-key");
            }
        }

        private JsonValueKind Write(Utf8JsonWriter writer, object? value, int depth)
        {
            if (depth > MaxDepth)
            {
                throw new RefusedException("arguments/depth");
            }

            if (++_values > MaxValues)
            {
                throw new RefusedException("arguments/size");
            }

            switch (value)
            {
                case null:
                    writer.WriteNullValue();
                    return JsonValueKind.Null;
                case JsonElement element:
                    return Write(writer, element, depth);
                case JsonDocument document:
                    return Write(writer, document.RootElement, depth);
                case JsonValue node:
                    return node.TryGetValue<JsonElement>(out var inner) ? Write(writer, inner, depth) : Write(writer, node.GetValue<object>(), depth);
                case JsonObject node:
                    return Object(writer, node.Select(static p => new KeyValuePair<string, object?>(p.Key, p.Value)), depth);
                case JsonArray node:
                    return Array(writer, node, depth);
                case string text:
                    return String(writer, text);
                case bool flag:
                    writer.WriteBooleanValue(flag);
                    return flag ? JsonValueKind.True : JsonValueKind.False;
                case byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal:
                    return Number(writer, (IFormattable)value);
                case char or Guid or DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan or Enum:
                    return String(writer, value is IFormattable formattable ? formattable.ToString(value is DateTime or DateTimeOffset or DateOnly or TimeOnly ? "O" : null, CultureInfo.InvariantCulture) : value.ToString()!);
                case Uri uri:
                    return String(writer, uri.OriginalString);
                case IEnumerable<KeyValuePair<string, object?>> members:
                    return Object(writer, members, depth);
                case IDictionary dictionary:
                    return Object(writer, Members(dictionary), depth);
                case IList list:
                    return Array(writer, list, depth);
                default:
                    throw new RefusedException("arguments/unscannable");
            }
        }

        /// <summary>A generic dictionary has its entries as <see cref="DictionaryEntry"/> only here.</summary>
        private static IEnumerable<KeyValuePair<string, object?>> Members(IDictionary dictionary)
        {
            for (var members = dictionary.GetEnumerator(); members.MoveNext();)
            {
                yield return new(members.Key as string ?? throw new RefusedException("arguments/unscannable"), members.Value);
            }
        }

        private JsonValueKind Write(Utf8JsonWriter writer, JsonElement element, int depth)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    return Object(writer, element.EnumerateObject().Select(static p => new KeyValuePair<string, object?>(p.Name, p.Value)), depth);
                case JsonValueKind.Array:
                    return Array(writer, element.EnumerateArray(), depth);
                case JsonValueKind.String:
                    return String(writer, element.GetString()!);
                case JsonValueKind.Number:
                    var raw = element.GetRawText();
                    Count(raw, scanned: false);
                    writer.WriteRawValue(raw, skipInputValidation: true);
                    return JsonValueKind.Number;
                case JsonValueKind.True or JsonValueKind.False:
                    writer.WriteBooleanValue(element.ValueKind == JsonValueKind.True);
                    return element.ValueKind;
                case JsonValueKind.Null:
                    writer.WriteNullValue();
                    return JsonValueKind.Null;
                default:
                    throw new RefusedException("arguments/unreadable");
            }
        }

        private JsonValueKind Object(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> source, int depth)
        {
            writer.WriteStartObject();
            foreach (var (key, value) in Sorted(source))
            {
                writer.WritePropertyName(key);
                Write(writer, value, depth + 1);
            }

            writer.WriteEndObject();
            return JsonValueKind.Object;
        }

        private JsonValueKind Array(Utf8JsonWriter writer, IEnumerable items, int depth)
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                Write(writer, item, depth + 1);
            }

            writer.WriteEndArray();
            return JsonValueKind.Array;
        }

        private JsonValueKind String(Utf8JsonWriter writer, string text)
        {
            Count(text);
            writer.WriteStringValue(text);
            Decode(text, 1);
            return JsonValueKind.String;
        }

        /// <summary>Functions whose parameter is no text read JSON in a string as what it says: an escape must hide nothing. What has no escape stands in the string already.</summary>
        private void Decode(string text, int layer)
        {
            var start = text.AsSpan().TrimStart();
            if (layer > MaxLayers || start.Length < 2 || start[0] is not ('{' or '[' or '"') || !start.Contains('\\'))
            {
                return;
            }

            _decoded += text.Length;
            if (_decoded > MaxLayers * MaxCharacters)
            {
                throw new RefusedException("arguments/size");
            }

            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), Lenient);
            try
            {
                while (reader.Read())
                {
                    if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped && reader.GetString() is { } inner)
                    {
                        _text.Append(inner).Append('\n');
                        Decode(inner, layer + 1);
                    }
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // Up to here it was JSON: no function reads it whole.
            }
        }

        private static JsonValueKind Number(Utf8JsonWriter writer, IFormattable number)
        {
            var text = number.ToString(null, CultureInfo.InvariantCulture);
            if (!char.IsAsciiDigit(text[^1]))
            {
                throw new RefusedException("arguments/unreadable");   // NaN, Infinity
            }

            writer.WriteRawValue(text, skipInputValidation: true);
            return JsonValueKind.Number;
        }

        private void Count(string text, bool scanned = true)
        {
            _values++;
            _characters += text.Length;
            if (_characters > MaxCharacters || _values > MaxValues)
            {
                throw new RefusedException("arguments/size");
            }

            for (var i = 0; i < text.Length; i++)
            {
                if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
                {
                    throw new RefusedException("arguments/unreadable");   // it would be sent as another text than the one scanned
                }
            }

            if (scanned)
            {
                _text.Append(text).Append('\n');
            }
        }
    }
}
