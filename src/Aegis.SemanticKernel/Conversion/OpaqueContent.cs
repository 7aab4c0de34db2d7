using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>A content of a kernel that no guard can read: on the way in the policy's word on unknown contents applies, on the way out it passes.</summary>
/// <param name="content">A <c>KernelContent</c> or <c>StreamingKernelContent</c>.</param>
internal sealed class OpaqueContent(object content) : AIContent
{
    public object Content => content;

    /// <summary>A picture or a file without the words that hang on it; null for everything else.</summary>
    public static KernelContent? Bare(object content) => content switch
    {
        ImageContent { DataUri: { } uri } => new ImageContent(uri),
        ImageContent { Uri: { } uri } => new ImageContent(uri),
        AudioContent { DataUri: { } uri } => new AudioContent(uri),
        AudioContent { Uri: { } uri } => new AudioContent(uri),
        BinaryContent { DataUri: { } uri } => new BinaryContent(uri),
        BinaryContent { Uri: { } uri } => new BinaryContent(uri),
        _ => null,
    };
}
