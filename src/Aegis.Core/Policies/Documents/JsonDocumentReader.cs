using System.Text;
using System.Text.Json;

namespace Aegis.Policies.Documents;

/// <summary>Reads JSON (RFC 8259: no comments, no trailing commas) with the place of every part.</summary>
internal sealed class JsonDocumentReader(string source, string text, PolicyErrorList errors)
{
    private readonly byte[] _bytes = Encoding.UTF8.GetBytes(text);
    private int _line = 1;
    private int _column = 1;
    private int _scanned;
    private int _nodes;

    /// <summary>The document; null when it cannot be read.</summary>
    public DocumentNode? Read()
    {
        var reader = new Utf8JsonReader(_bytes, new JsonReaderOptions { MaxDepth = DocumentLimits.MaxDepth + 2 });
        try
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                throw new DocumentException(PolicyErrorCodes.Syntax, At(0), "is empty. Write at least { \"version\": 1 }.");
            }

            reader.Read();
            var root = Value(ref reader, 0);
            if (reader.Read())
            {
                throw new DocumentException(PolicyErrorCodes.Syntax, At(reader.TokenStartIndex), "something follows the document. Remove it.");
            }

            return root;
        }
        catch (DocumentException e)
        {
            errors.Add(e.Code, e.At, "$", e.Message);
        }
        catch (JsonException e)
        {
            var at = new DocumentPosition(source, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            errors.Add(PolicyErrorCodes.Syntax, at, "$", $"is not JSON: {First(e.Message)}.");
        }
        catch (InvalidOperationException)
        {
            errors.Add(PolicyErrorCodes.Syntax, At(reader.TokenStartIndex), "$", "has half a character (a lone surrogate). Write the whole one.");
        }

        return null;
    }

    private static string First(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).Replace(" Change the reader options.", "", StringComparison.Ordinal).TrimEnd('.', ' ');
    }

    private DocumentNode Value(ref Utf8JsonReader reader, int depth)
    {
        var at = At(reader.TokenStartIndex);
        if (depth > DocumentLimits.MaxDepth)
        {
            throw new DocumentException(PolicyErrorCodes.Limits, at, FormattableString.Invariant($"is deeper than {DocumentLimits.MaxDepth} levels. A policy has five."));
        }

        if (++_nodes > DocumentLimits.MaxNodes)
        {
            throw new DocumentException(PolicyErrorCodes.Limits, at, FormattableString.Invariant($"has more than {DocumentLimits.MaxNodes:N0} values. Split it."));
        }

        return reader.TokenType switch
        {
            JsonTokenType.StartObject => Map(ref reader, at, depth),
            JsonTokenType.StartArray => List(ref reader, at, depth),
            JsonTokenType.String => new(DocumentKind.Text, at) { Text = reader.GetString()! },
            JsonTokenType.Number => new(DocumentKind.Number, at) { Text = Encoding.UTF8.GetString(reader.ValueSpan) },
            JsonTokenType.True => new(DocumentKind.Flag, at) { Text = "true" },
            JsonTokenType.False => new(DocumentKind.Flag, at) { Text = "false" },
            _ => new(DocumentKind.Null, at),
        };
    }

    private DocumentNode Map(ref Utf8JsonReader reader, DocumentPosition at, int depth)
    {
        var members = new List<DocumentMember>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var (name, place) = (reader.GetString()!, At(reader.TokenStartIndex));
            reader.Read();
            members.Add(new(name, place, Value(ref reader, depth + 1)));
        }

        return new(DocumentKind.Map, at) { Members = members };
    }

    private DocumentNode List(ref Utf8JsonReader reader, DocumentPosition at, int depth)
    {
        var items = new List<DocumentNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Value(ref reader, depth + 1));
        }

        return new(DocumentKind.List, at) { Items = items };
    }

    /// <summary>Tokens come in order, so that lines are counted once.</summary>
    private DocumentPosition At(long index)
    {
        for (; _scanned < index; _scanned++)
        {
            var b = _bytes[_scanned];
            if (b == '\n')
            {
                (_line, _column) = (_line + 1, 1);
            }
            else
            {
                _column += b >= 0xF0 ? 2 : (b & 0xC0) == 0x80 ? 0 : 1;   // UTF-16 characters: four bytes are two, the bytes behind the first none
            }
        }

        return new(source, _line, _column);
    }
}
