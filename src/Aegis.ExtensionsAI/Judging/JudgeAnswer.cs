using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Reads what a model answered to a question. Anything but the one object that was asked for is no answer.</summary>
internal static class JudgeAnswer
{
    private const int MaxLength = 1_000;   // characters; the object has about 100

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 1, AllowDuplicateProperties = false };

    /// <exception cref="AegisException">It is no answer.</exception>
    public static JudgeReply Read(ChatResponse? response, string nonce, string? model)
    {
        var (text, usage) = ModelAnswer.Read(response, model, "judge");
        return (Read(text, nonce) ?? throw ModelAnswer.None("judge", "it is not the object that was asked for", usage)) with { Usage = usage };
    }

    public static JudgeReply? Read(string text, string nonce)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.GetPropertyCount() == 3
                && root.TryGetProperty("nonce"u8, out var word) && word.ValueKind == JsonValueKind.String && IsSame(word.GetString()!, nonce)
                && root.TryGetProperty("verdict"u8, out var verdict) && verdict.ValueKind == JsonValueKind.String && VerdictOf(verdict.GetString()!) is { } said
                && root.TryGetProperty("confidence"u8, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out var confidence) && confidence is >= 0 and <= 1
                ? new(said, confidence)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;   // lone surrogates among them
        }
    }

    private static JudgeVerdict? VerdictOf(string word) => word switch
    {
        "approve" => JudgeVerdict.Approve,
        "reject" => JudgeVerdict.Reject,
        "unclear" => JudgeVerdict.Unclear,
        _ => null,
    };

    private static bool IsSame(string word, string nonce) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(word), Encoding.UTF8.GetBytes(nonce));
}
