using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>What a model that helps a guard has said: one finished text of its own, or nothing.</summary>
internal static class ModelAnswer
{
    /// <summary>The text, and what it cost.</summary>
    /// <param name="response">The response.</param>
    /// <param name="model">The model that was asked, as far as it is known.</param>
    /// <param name="whose">Who answers, for the message.</param>
    /// <exception cref="AegisException">It is not finished, or something else than one text.</exception>
    public static (string Text, TokenUsage Usage) Read(ChatResponse? response, string? model, string whose)
    {
        var usage = Spent.Of(response?.Usage, response?.ModelId ?? model);
        if (response is null
            || (response.FinishReason is { } reason && reason != ChatFinishReason.Stop)
            || response.Messages.SelectMany(static message => message.Contents).Any(static content => content is not (TextContent or TextReasoningContent or UsageContent)))
        {
            throw None(whose, "it is not finished, or more than text", usage);
        }

        var said = response.Messages.Where(static message => message.Text.Length > 0).ToList();
        if (said is not [var only] || only.Role != ChatRole.Assistant)
        {
            throw None(whose, "it is not one message of the model", usage);
        }

        return (only.Text, usage);
    }

    /// <summary>It is none, and has cost what it has.</summary>
    public static AegisException None(string whose, string why, TokenUsage usage) => new($"The {whose}'s answer is none: {why}.") { Spent = usage };
}
