using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>What others wrote, for a model that helps a guard: JSON strings on one line between two lines that nobody can guess.</summary>
internal static class ModelMaterial
{
    /// <summary>Digits of a word that nobody can guess.</summary>
    public const int Digits = 32;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };   // it is read by a model, and its quotes and line ends are escaped all the same

    /// <summary>A word that nobody can guess.</summary>
    public static string NewWord() => RandomNumberGenerator.GetHexString(Digits, lowercase: true);

    /// <summary>The user's message.</summary>
    /// <param name="border">The word in both lines.</param>
    /// <param name="write">Writes the members of the object between them.</param>
    public static ChatMessage Between(string border, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return new(ChatRole.User, $"MATERIAL {border} BEGINS\n{Encoding.UTF8.GetString(buffer.WrittenSpan)}\nMATERIAL {border} ENDS");
    }
}
