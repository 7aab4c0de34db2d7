using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.AI;

namespace Aegis.AspNetCore.Tests.Sessions;

/// <summary>A controller as apps have them.</summary>
[ApiController]
[Route("sky")]
public class SkyController(IChatClient client) : ControllerBase
{
    [HttpGet("{conversationId}")]
    public async IAsyncEnumerable<string> Ask(string conversationId)
    {
        await foreach (var update in client.GetStreamingResponseAsync(conversationId, cancellationToken: HttpContext.RequestAborted))
        {
            yield return update.Text;
        }
    }

    [DisableAegisSession]
    [HttpGet("open")]
    public string Open() => HttpContext.GetAegisSession() is null ? "open" : "closed";
}
