namespace Aegis.Testing;

/// <summary>Takes the one fact out of the weather report.</summary>
internal sealed class SkyReader : IExtractor
{
    public TokenUsage Estimate(ExtractionRequest request) => default;

    public ValueTask<ExtractorReply> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken) => new(new ExtractorReply("{\"sky\":\"sunny\"}"));
}
