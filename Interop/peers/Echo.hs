-- An echo server on the Haskell library websockets. Usage: haskell PORT
import Control.Monad (forever)
import Network.WebSockets
import System.Environment (getArgs)

main :: IO ()
main = do
  [port] <- getArgs
  runServerWithOptions
    defaultServerOptions
      { serverHost = "127.0.0.1",
        serverPort = read port,
        serverConnectionOptions =
          defaultConnectionOptions
            { connectionCompressionOptions = PermessageDeflateCompression defaultPermessageDeflate
            }
      }
    (\pending -> acceptRequest pending >>= \connection -> forever (receiveDataMessage connection >>= sendDataMessage connection))
