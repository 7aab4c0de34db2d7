using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;

namespace Aegis;

/// <summary>
/// An extractor over any chat client. The client gets no tools and is asked for JSON of the schema; the document goes in as a JSON string between random lines. A call that
/// fails on its way is made again while there is time, and where many fail nobody is asked for a while. Thread-safe if the client is.
/// </summary>
public sealed class ChatClientExtractor : IExtractor
{
    private readonly ModelCalls _calls;
    private readonly int _maxOutput;

    /// <summary>Makes an extractor.</summary>
    /// <param name="client">The client, bare or guarded: while it extracts, a guard around it adds nothing. A small model will do; it needs no tools.</param>
    /// <param name="options">How it asks; unless said otherwise, as <see cref="ChatClientExtractorOptions"/> says.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ChatClientExtractor(IChatClient client, ChatClientExtractorOptions? options = null)
    {
        options ??= new();
        (_calls, _maxOutput) = (new(client, options), options.MaxOutputTokens);
    }

    /// <inheritdoc/>
    public TokenUsage Estimate(ExtractionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new((request.Length + ExtractionPrompt.Length) / 3, _maxOutput, _calls.Model);
    }

    /// <inheritdoc/>
    /// <exception cref="AegisException">The reply is not finished, or more than one text.</exception>
    public async ValueTask<ExtractorReply> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = await _calls.AskAsync(ExtractionPrompt.Of(request), ChatResponseFormat.ForJsonSchema(request.Schema.Json, "extraction"), cancellationToken).ConfigureAwait(false);
        var (text, usage) = ModelAnswer.Read(response, _calls.Model, "extractor");
        return new(text) { Usage = usage };
    }
}
