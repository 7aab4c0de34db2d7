using Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>A client that the app has made: whoever disposes what is around it leaves it alone.</summary>
internal sealed class BorrowedClient(IChatClient client) : DelegatingChatClient(client)
{
    public IChatClient Lender => InnerClient;

    protected override void Dispose(bool disposing) => base.Dispose(disposing: false);   // the app disposes it
}
