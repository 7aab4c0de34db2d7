using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Aegis.Tools;

/// <summary>SHA-256 over what a tool is. Texts go in as they are, each behind its length; JSON goes in as what it says, so that neither the order of keys nor white space counts.</summary>
internal static class ToolFingerprint
{
    private const int MaxDepth = 128;   // what is deeper counts to the letter

    /// <summary>Everything but the name: kind, description, title, annotations, schema. In hexadecimal digits.</summary>
    public static string Content(ToolInfo tool)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, tool.Kind.ToString());
        Add(hash, tool.Description ?? "");
        Add(hash, tool.Title ?? "");
        hash.AppendData([Said(tool.Destructive), Said(tool.ReadOnly), Said(tool.Idempotent), Said(tool.OpenWorld), tool.Schema is null ? (byte)0 : (byte)1]);
        if (tool.Schema is { } schema)
        {
            hash.AppendData(Digest(schema));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The content under its name. Which mark separates words is up to the framework.</summary>
    public static string Named(string name, string content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Glob.Folded(name));
        Add(hash, content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whether the schemas of two tools are the same to the letter.</summary>
    public static bool SameSchema(JsonElement? a, JsonElement? b) =>
        a is { } one && b is { } other ? JsonMarshal.GetRawUtf8Value(one).SequenceEqual(JsonMarshal.GetRawUtf8Value(other)) : a is null && b is null;

    private static byte Said(bool? hint) => hint switch { null => 0, false => 1, true => 2 };

    private static byte[] Digest(JsonElement schema)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            Add(hash, schema, 0);
            return hash.GetHashAndReset();
        }
        catch (InvalidOperationException)   // an escaped half of a surrogate pair is no text: the letters count
        {
            return SHA256.HashData(JsonMarshal.GetRawUtf8Value(schema));
        }
    }

    private static void Add(IncrementalHash hash, JsonElement value, int depth)
    {
        if (depth > MaxDepth)
        {
            Add(hash, (byte)'.', JsonMarshal.GetRawUtf8Value(value));
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var members = value.EnumerateObject().Select(static member => (member.Name, member.Value)).OrderBy(static member => member.Name, StringComparer.Ordinal).ToList();
                Add(hash, (byte)'{', members.Count);
                foreach (var (name, inner) in members)
                {
                    Add(hash, name);
                    Add(hash, inner, depth + 1);
                }

                break;
            case JsonValueKind.Array:
                Add(hash, (byte)'[', value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                {
                    Add(hash, item, depth + 1);
                }

                break;
            case JsonValueKind.String:
                hash.AppendData([(byte)'"']);
                Add(hash, value.GetString()!);
                break;
            default:
                Add(hash, (byte)'=', JsonMarshal.GetRawUtf8Value(value));   // a number, true, false, null
                break;
        }
    }

    private static void Add(IncrementalHash hash, byte kind, int count)
    {
        Span<byte> head = [kind, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], count);
        hash.AppendData(head);
    }

    private static void Add(IncrementalHash hash, byte kind, ReadOnlySpan<byte> raw)
    {
        Add(hash, kind, raw.Length);
        hash.AppendData(raw);
    }

    private static void Add(IncrementalHash hash, string text) => Add(hash, (byte)'t', MemoryMarshal.AsBytes(text.AsSpan()));
}
