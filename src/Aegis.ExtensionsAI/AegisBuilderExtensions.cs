using Aegis;

namespace Microsoft.Extensions.AI;

/// <summary>What chat clients can do for a guard.</summary>
public static class AegisBuilderExtensions
{
    /// <summary>Has a chat client give second opinions, when the policy's <c>judge</c> says so.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="client">The client: <see cref="ChatClientJudge"/>.</param>
    /// <param name="options">How it is asked.</param>
    /// <returns>The builder.</returns>
    public static AegisBuilder UseJudge(this AegisBuilder builder, IChatClient client, ChatClientJudgeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseJudge(new ChatClientJudge(client, options));
    }

    /// <summary>Has a chat client take data out of texts that nobody trusts: see <see cref="AegisSandbox"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="client">The client: <see cref="ChatClientExtractor"/>.</param>
    /// <param name="options">How it is asked.</param>
    /// <returns>The builder.</returns>
    public static AegisBuilder UseExtractor(this AegisBuilder builder, IChatClient client, ChatClientExtractorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseExtractor(new ChatClientExtractor(client, options));
    }
}
