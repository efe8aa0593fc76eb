// An echo server on nhooyr.io/websocket. Usage: nhooyr PORT
package main

import (
	"log"
	"net/http"
	"os"

	"nhooyr.io/websocket"
)

func echo(w http.ResponseWriter, r *http.Request) {
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		CompressionMode:    websocket.CompressionContextTakeover,
		InsecureSkipVerify: true, // any Origin
	})
	if err != nil {
		return
	}
	defer connection.Close(websocket.StatusInternalError, "")
	connection.SetReadLimit(1 << 25)
	for {
		kind, message, err := connection.Read(r.Context())
		if err != nil {
			return
		}
		if connection.Write(r.Context(), kind, message) != nil {
			return
		}
	}
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(echo)))
}
