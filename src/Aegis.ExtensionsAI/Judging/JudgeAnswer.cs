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
        if (response is null
            || (response.FinishReason is { } reason && reason != ChatFinishReason.Stop)
            || response.Messages.SelectMany(static message => message.Contents).Any(static content => content is not (TextContent or TextReasoningContent or UsageContent)))
        {
            throw None("it is not finished, or more than text");
        }

        var said = response.Messages.Where(static message => message.Text.Length > 0).ToList();
        if (said is not [var only] || only.Role != ChatRole.Assistant)
        {
            throw None("it is not one message of the model");
        }

        var reply = Read(only.Text, nonce) ?? throw None("it is not the object that was asked for");
        return reply with { Usage = Spent.Of(response.Usage, response.ModelId ?? model) };
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

    private static AegisException None(string why) => new($"The judge's answer is none: {why}.");
}
