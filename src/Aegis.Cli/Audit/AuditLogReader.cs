using System.Buffers;
using System.Text;
using System.Text.Json;
using Aegis.Auditing;

namespace Aegis.Cli.Audit;

/// <summary>The records of a log in their order, as they stand there. Says nothing about whether they are true.</summary>
internal static class AuditLogReader
{
    /// <param name="path">The log.</param>
    /// <param name="type">Only records of this type; null: all.</param>
    /// <param name="onUnreadable">Hears of each line that is no record.</param>
    /// <exception cref="FormatException">There is no such log.</exception>
    public static IEnumerable<JsonElement> Read(string path, string? type = null, Action? onUnreadable = null)
    {
        var files = AuditFiles.Of(path);
        return files.Count == 0 ? throw new FormatException($"{path}: there is no such log.") : files.SelectMany(file => ReadFile(file, onUnreadable)).Where(record => type is null || Text(record, "type") == type);
    }

    /// <summary>A member as text; empty: it is not there.</summary>
    public static string Text(JsonElement record, string name) => !record.TryGetProperty(name, out var value) ? ""
        : value.ValueKind switch
        {
            JsonValueKind.String => AuditText.Of(value.GetString()) ?? "",
            JsonValueKind.Array => string.Join(' ', value.EnumerateArray().Select(static item => AuditText.Of(item.ToString()))),
            _ => AuditText.Of(value.GetRawText()) ?? "",
        };

    /// <summary>A record as JSON, in ASCII whatever stands in the file.</summary>
    public static string Json(JsonElement record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            record.WriteTo(writer);
        }

        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }

    private static IEnumerable<JsonElement> ReadFile(string file, Action? onUnreadable)
    {
        using var stream = AuditFiles.Open(file);
        var reader = new AuditLineReader(stream);
        while (Next(reader) is var (isThere, record) && isThere)
        {
            if (record is { } known)
            {
                yield return known;
            }
            else
            {
                onUnreadable?.Invoke();
            }
        }
    }

    /// <summary>The next line; without a record if it is none.</summary>
    private static (bool IsThere, JsonElement? Record) Next(AuditLineReader reader)
    {
        if (!reader.TryRead(out var line))
        {
            return (false, null);
        }

        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            return (true, document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null);
        }
        catch (JsonException)
        {
            return (true, null);
        }
    }
}
