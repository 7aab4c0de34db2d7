using System.Net;
using System.Net.Sockets;
using Aegis.Alerting;

namespace Aegis;

/// <summary>Connects to what a name leads to now, if all of it is public. The addresses that were looked at are those that are connected to, so that a name cannot lead elsewhere in between.</summary>
internal sealed class PublicConnector(bool allowsLoopback, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>Whether a request failed because an address was not public.</summary>
    public static bool HasRefused(Exception failure)
    {
        for (Exception? at = failure; at is not null; at = at.InnerException)
        {
            if (at is RefusedException)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Connects.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0 || !Array.TrueForAll(addresses, address => WebhookAddress.MayConnect(address, host, allowsLoopback)))
        {
            throw new RefusedException();   // one private address among public ones is reason enough: the next answer may have it alone
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class RefusedException() : IOException("An address is not public.");
}
